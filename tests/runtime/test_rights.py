"""Each actor and each door may do on the bus what its card says, and nothing else: asked of a real server.

Of that of `clipwire up`, and of one with the configuration and the passwords of the compose file.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client

from contracts import asks
from contracts.subjects import COMMANDS, SUBJECTS
from runtime.bus import connect, open_bus
from runtime.embed import NatsServer
from runtime.errors import Unavailable
from runtime.flow import actor_folder, actor_names, consumers_of, read_flow, read_own_commands
from runtime.kv import NatsChannels, NatsClaims
from runtime.rights import DOOR_USERS, inbox_of, is_limited, permissions
from runtime.tasks import end
from runtime.topology import consumer_name
from runtime.vigil import keep_consumers
from tests.support.compose import ComposeNats

ACTORS, DOORS = actor_names(), sorted(DOOR_USERS)
USERS = [*ACTORS, *DOORS]
CLAIMS = {
    "publisher": {"publish", "ledger"},
    "producer": {"decided", "said", "rejected", "failed", "cutting", "cut", "made"},
    "vlm": {"model-turn", "model-budget"},
}
FAMILIES = sorted(set().union(*CLAIMS.values()))


Server = NatsServer | ComposeNats


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One for all of them, with every stream, bucket and consumer."""
    server = NatsServer(tmp_path_factory.mktemp("rights"), sync="2m", permissions=permissions())
    asyncio.run(provisioned(server))
    yield server
    asyncio.run(server.stop(signal.SIGKILL))


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeNats]:
    """The same with the server of the compose file."""
    server = ComposeNats(tmp_path_factory.mktemp("composed") / "compose")
    asyncio.run(provisioned(server))
    yield server
    asyncio.run(server.stop())


@pytest.fixture(scope="module", params=["embedded", "composed"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of them."""
    server: Server = request.getfixturevalue(request.param)
    return server


async def provisioned(server: Server) -> None:
    """Start it, with all that there is on it."""
    await server.start()
    async with open_bus(server.url, name="test") as bus:
        await bus.provision(consumers_of(ACTORS, 5.0))


@asynccontextmanager
async def as_user(server: Server, user: str) -> AsyncIterator[tuple[Client, list[str]]]:
    """A connection of a user, and what the server refused it."""
    refused: list[str] = []
    client = Client()

    async def heard(error: Exception) -> None:
        refused.append(str(error))

    url = server.url_of(user)
    await client.connect(url, error_cb=heard, inbox_prefix=inbox_of(url), allow_reconnect=False)
    yield client, refused
    await client.close()


async def settled(client: Client) -> None:
    """Until the server has judged all of it: a first PING may overtake what is on its way, a second does not."""
    await client.flush()
    await client.flush()


async def refusals(server: Server, user: str, subjects: list[str], *, body: bytes = b"") -> set[str]:
    """Those of the subjects that a user may not publish to."""
    async with as_user(server, user) as (client, refused):
        for subject in subjects:
            await client.publish(subject, body)
        await settled(client)
        return {subject for subject in subjects if any(f'"{subject}"'.lower() in said.lower() for said in refused)}


@pytest.mark.parametrize("user", USERS)
async def test_each_publishes_what_its_code_emits_and_a_door_only_commands(server: Server, user: str) -> None:
    if user in ACTORS:
        own = {*read_flow(user).emits, *read_own_commands(actor_folder(user)), "work.failed"}
    else:
        own = {command.name for command in COMMANDS}
    every = [subject.name for subject in SUBJECTS]
    assert await refusals(server, user, every) == set(every) - own


@pytest.mark.parametrize("door", DOORS)
async def test_a_door_that_is_taken_over_states_no_fact_of_the_engine(server: Server, door: str) -> None:
    facts = [subject.name for subject in SUBJECTS if subject not in COMMANDS]
    assert "work.failed" in facts
    asked = [*facts, *(f"{place}.{fact}" for place in ("stored", "redrive.ranker", "dlq.ranker") for fact in facts)]
    async with open_bus(server.url, name="operator") as operator:
        before = await operator.js.publish("publish.done", b"{}")  # stored behind all that was sent earlier
        assert await refusals(server, door, asked) == set(asked)
        assert (await operator.js.publish("publish.done", b"{}")).seq == before.seq + 1
    audit = {"audit.webhook.disabled"}
    assert await refusals(server, door, [*audit]) == (set() if door == "http" else audit)


@pytest.mark.parametrize("user", USERS)
async def test_only_the_operator_touches_streams_buckets_and_consumers(server: Server, user: str) -> None:
    streams = ["EVENTS", "TIMERS", "DLQ", "ADVISORIES", "KV_claims", "KV_channels", "KV_actors", "KV_attempts"]
    verbs = ["CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "MSG.GET", "SNAPSHOT", "RESTORE"]
    asked = [f"$JS.API.STREAM.{verb}.{stream}" for verb in verbs for stream in streams]
    asked += [f"$JS.API.CONSUMER.CREATE.{stream}" for stream in streams]
    asked += [f"$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.{consumer_name('ranker', 'candidate.found')}"]
    asked += [f"$JS.API.CONSUMER.CREATE.EVENTS.{consumer_name('ranker', 'candidate.found')}.candidate.found"]
    asked += [f"$JS.API.CONSUMER.{verb}.EVENTS.ranker--candidate_found" for verb in ("DELETE", "PAUSE", "RESET")]
    allowed = {"$JS.API.STREAM.PURGE.TIMERS"} if user == "publisher" else set()  # a timer that is cancelled
    assert await refusals(server, user, asked) == set(asked) - allowed


@pytest.mark.parametrize("user", USERS)
async def test_nobody_takes_the_messages_of_another(server: Server, user: str) -> None:
    others = [consumer for consumer in consumers_of(ACTORS, 5.0) if consumer.actor != user]
    asked = [f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{consumer.name}" for consumer in others]
    asked += [f"$JS.ACK.EVENTS.{consumer.name}.1.1.1.1.1" for consumer in others]
    asked += [f"dlq.{consumer.name}.{consumer.subject}" for consumer in others]
    asked += [consumer.redrive_subject for consumer in consumers_of(ACTORS, 5.0)]
    assert await refusals(server, user, asked) == set(asked)


@pytest.mark.parametrize("user", USERS)
async def test_nobody_hears_what_is_for_others(server: Server, user: str) -> None:
    foreign = [f"_INBOX_{other}.>" for other in [*USERS, "operator"] if other != user]
    foreign += ["_INBOX.>", ">", "$KV.>", "$JS.>", "$SYS.>", "candidate.found", "dlq.>", "timer.>", "ask.>"]
    foreign += [] if user in DOORS else ["progress.>", "stored.>"]
    foreign += [] if user == "publisher" else ["ask.publisher.connect"]
    async with as_user(server, user) as (client, refused):
        for subject in foreign:
            await client.subscribe(subject, cb=_ignored)
        await settled(client)
        heard = [subject for subject in foreign if not any(f'"{subject}"'.lower() in said.lower() for said in refused)]
    assert heard == []


async def _ignored(_: object) -> None: ...


@pytest.mark.parametrize("user", USERS)
async def test_claims_are_read_and_changed_by_those_whose_they_are(server: Server, user: str) -> None:
    own = CLAIMS.get(user, set())
    seen = own | ({"rejected"} if user == "publisher" else set())
    changes = {family: f"$KV.claims.{family}.x" for family in FAMILIES}
    reads = {family: f"$JS.API.DIRECT.GET.KV_claims.$KV.claims.{family}.x" for family in FAMILIES}
    assert await refusals(server, user, list(changes.values())) == {changes[f] for f in FAMILIES if f not in own}
    assert await refusals(server, user, list(reads.values())) == {reads[f] for f in FAMILIES if f not in seen}
    whole = ["$JS.API.DIRECT.GET.KV_claims", "$JS.API.STREAM.INFO.KV_claims", "$JS.API.STREAM.MSG.GET.KV_claims"]
    assert await refusals(server, user, whole) == set(whole)


@pytest.mark.parametrize("user", ACTORS)
async def test_an_actor_says_that_it_lives_and_how_far_it_is_for_itself_alone(server: Server, user: str) -> None:
    other = "ranker" if user != "ranker" else "vlm"
    asked = [f"{kind}.{name}.x" for name in (user, other) for kind in ("progress", "$KV.actors")]
    body = json.dumps({"actor": user, "pid": 1, "listens": []}).encode()
    assert await refusals(server, user, asked, body=body) == {f"progress.{other}.x", f"$KV.actors.{other}.x"}
    assert await refusals(server, user, ["$KV.channels.default"]) == {"$KV.channels.default"}


@pytest.mark.parametrize("user", ["downloader", "discovery", "vlm", "producer", "publisher"])
async def test_who_needs_channels_reads_them(server: Server, user: str) -> None:
    async with open_bus(server.url_of(user), name="test") as bus:
        assert (await NatsChannels(bus.js, budget=2).get("default")).channel_id == "default"


@pytest.mark.parametrize(("user", "family"), [(user, family) for user in CLAIMS for family in sorted(CLAIMS[user])])
async def test_claims_are_taken_and_advanced(server: Server, user: str, family: str) -> None:
    async with open_bus(server.url_of(user), name="test") as bus:
        claims = NatsClaims(bus.js, budget=2)
        claim = await claims.take(f"{family}/test:{user}", "me")
        assert (await claims.advance(claim, "done")).step == "done"
        again = await claims.get(claim.key)
        assert again is not None and again.step == "done"


@pytest.mark.parametrize("door", DOORS)
async def test_a_door_reads_the_stream_channels_and_who_lives(server: Server, door: str) -> None:
    async with open_bus(server.url, name="operator") as operator, open_bus(server.url_of(door), name="test") as bus:
        assert bus.limited and not operator.limited
        await operator.js.publish("publish.done", b"{}")
        last = (await bus.stream_state()).last
        assert [stored.sequence async for batch in bus.read(after=last - 1, follow=False) for stored in batch] == [last]
        assert {state.actor for state in await bus.consumers()} == set(ACTORS)
        assert {state.actor for state in await bus.processes()} <= set(ACTORS)
        assert [channel.channel_id for channel in await NatsChannels(bus.js, budget=2).all()][:1] == ["default"]


async def test_the_bot_asks_for_figures_alone_and_writes_no_audit(server: Server) -> None:
    asked = [value.subject for value in vars(asks).values() if isinstance(value, asks.Ask)]
    others = [*(subject for subject in asked if subject != asks.METRICS.subject), "audit.x"]
    assert await refusals(server, "telegram", [*others, asks.METRICS.subject]) == set(others)


async def test_a_key_is_rotated_by_the_operator_alone(server: Server) -> None:
    for user in USERS:
        assert await refusals(server, user, [asks.ROTATE_KEY.subject]) == {asks.ROTATE_KEY.subject}


@pytest.mark.parametrize("actor", ACTORS)
async def test_an_actor_pulls_its_own_messages(server: Server, actor: str) -> None:
    [consumer, *_] = consumers_of([actor], 5.0)
    async with open_bus(server.url, name="operator") as operator, open_bus(server.url_of(actor), name="test") as bus:
        await operator.js.publish(consumer.subject, json.dumps({"for": actor}).encode())
        prefix = f"{inbox_of(server.url_of(actor))}.".encode()
        pulled = await bus.js.pull_subscribe(
            consumer.subject, durable=consumer.name, stream="EVENTS", inbox_prefix=prefix
        )
        [message] = await pulled.fetch(1, timeout=5)
        await message.ack_sync(timeout=5)


async def test_whoever_is_asked_may_answer_once(server: Server) -> None:
    async with as_user(server, "publisher") as (publisher, refused), as_user(server, "http") as (http, _):

        async def answer(message: object) -> None:
            reply = getattr(message, "reply", "")
            await publisher.publish(reply, b"yes")
            await publisher.publish(reply, b"and again")

        await publisher.subscribe("ask.publisher.accounts", cb=answer)
        await settled(publisher)
        assert (await http.request("ask.publisher.accounts", b"", timeout=5)).data == b"yes"
        await settled(publisher)
    assert len(refused) == 1


async def test_without_its_consumer_a_limited_actor_says_what_to_do(server: Server) -> None:
    async with open_bus(server.url, name="operator") as operator, open_bus(server.url_of("ranker"), name="test") as own:
        [consumer] = consumers_of(["ranker"], 5.0)
        await operator.js.delete_consumer("EVENTS", consumer.name)
        own.budget = 0.0
        with pytest.raises(Unavailable, match="ranker--candidate_found is not there") as refused:
            await own.provision([consumer])
        assert "clipwire provision" in refused.value.advice
        await operator.provision([consumer])
        await own.provision([consumer])


async def test_a_consumer_that_is_deleted_is_made_again_by_whoever_may(server: Server) -> None:
    consumers = consumers_of(["ranker"], 5.0)
    async with open_bus(server.url, name="operator") as operator:
        keeping = asyncio.create_task(keep_consumers(operator, consumers, every=0.02))
        await operator.js.delete_consumer("EVENTS", consumers[0].name)
        async with open_bus(server.url_of("ranker"), name="test") as own:
            await own.provision(consumers)
        await end(keeping)


async def test_the_context_of_the_command_line_client_is_the_operators_alone(embedded: NatsServer) -> None:
    context = json.loads(embedded.context.read_text())
    assert embedded.context.stat().st_mode & 0o077 == 0
    assert context["user"] == "operator" and context["url"] == f"nats://127.0.0.1:{embedded.port}"
    client = await connect(context["url"].replace("://", f"://operator:{context['password']}@"), name="test")
    await client.close()


def test_only_actors_and_doors_are_limited() -> None:
    assert is_limited("nats://ranker:x@127.0.0.1:1") and is_limited("nats://http:x@127.0.0.1:1")
    assert not any(is_limited(url) for url in ("nats://127.0.0.1:1", "nats://clipwire:x@a:1", "nats://operator:x@a:1"))
