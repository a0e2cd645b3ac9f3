"""However the two workers get in each other's way, every wish is fulfilled, once."""

from random import Random

import pytest

from tests.crash.rounds import Violation
from tests.fights.ring import ring
from tests.fights.rounds import AFTER_EFFECT, ANY_MOMENT, BEFORE_EFFECT, NEVER, Round, _sent_again, fight, random_round
from tests.fights.wishes import KINDS

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

# Each kind of wish stopped in its call, before or after the effect; the last is in the ring of the leaver's return.
IN_A_CALL = [Round(kind, stop, 0.0) for kind, stop in zip(KINDS, (BEFORE_EFFECT, AFTER_EFFECT) * 3, strict=False)]


@pytest.mark.timeout(120)
@postgresql
def test_twenty_rounds_on_postgresql(tmp_path, database_url):
    dice = Random(20)
    with ring(tmp_path, database_url) as made:
        for plan in [*IN_A_CALL, *(random_round(dice) for _ in range(15))]:
            fight(made, plan)
        assert made.handovers >= len(IN_A_CALL), "a driver stopped past its lease has been replaced"
        assert made.again >= 1, "a call of a stopped driver is in doubt, and sent once more where that is harmless"


@pytest.mark.timeout(120)
@sqlite
def test_some_rounds_on_sqlite(tmp_path, database_url):
    with ring(tmp_path, database_url) as made:
        for plan in (*IN_A_CALL[:4], Round("rename", ANY_MOMENT, 0.2), Round("place", NEVER)):
            fight(made, plan)
        assert made.handovers >= 4


@sqlite
def test_a_call_that_is_sent_twice_is_found(tmp_path, database_url):
    with ring(tmp_path, database_url) as made:
        since = made.world.portal.ledger.since()["last"]
        fight(made, Round("rename", AFTER_EFFECT))
        assert list(_sent_again(made, since, may_be=True)) == []
        assert len(list(_sent_again(made, since, may_be=False))) == 1


@sqlite
def test_what_nobody_wished_for_is_found(tmp_path, database_url):
    with ring(tmp_path, database_url) as made:
        user = made.world.scim.user("stranger@acme.test", displayName="Stranger")
        with pytest.raises(Violation, match="unwished"):
            fight(made, Round("place", NEVER))
        assert user
