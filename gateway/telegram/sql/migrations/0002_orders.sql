-- Commands, written down with the card that they come from, until the stream has them.
CREATE TABLE telegram.orders (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    subject text NOT NULL,
    body jsonb NOT NULL,
    owner text
);
