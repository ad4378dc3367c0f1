-- The audit says of each that is disabled that it was, in the same transaction: nobody is left to be told.
ALTER TABLE hooks.webhooks DROP COLUMN said;
