"""What an example is made of: a fleet, the recipe of its tenant, and what happens to it when. Values only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from scim_bridge.offboarding.recipe import OWNERSHIPS, WIPE, Instruction, recipe_of

# Hexnode users: the leaver, a colleague, and the holding user of the recipe.
LEAVER, COLLEAGUE, HOLDING = 2, 3, 4
OWNERS: Final = (LEAVER, COLLEAGUE)
# Some are there twice, "" and "0" are what makers leave in, and the last is protected by the policy.
SERIALS: Final = (*(f"SN{number}" for number in range(20)), "sn1", "sn2", "0", "", "KEEP-1")
PROTECTED: Final = "KEEP-*"
# The simulator shows whatever word is there; "loaner" is nobody's.
OWNERSHIP_WORDS: Final = ("corporate", "personal", "loaner")
PLATFORMS: Final = ("Android", "iOS", "macOS")
_BEGIN: Final = recipe_of("lock", "leave_groups", "hold 15m")
_APPROVE: Final = recipe_of("approve")
_WIPE_ALL: Final = (Instruction(WIPE, ownership=OWNERSHIPS),)
_WIPE_ANDROID: Final = (Instruction(WIPE, ownership=("corporate",), platforms=("android",)),)
RECIPES: Final = tuple(
    (*_BEGIN, *approve, *rest)
    for approve in (_APPROVE, ())
    for rest in (
        recipe_of("wipe"), recipe_of("wipe", "disenroll", "delete_user"), recipe_of("disenroll", "delete_user"),
        recipe_of(f"reassign to {HOLDING}", "delete_user"), _WIPE_ALL, (*_WIPE_ANDROID, *recipe_of("disenroll")),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Device:
    """A device as the play begins."""

    owner: int
    serial: str
    ownership: str
    platform: str = "Android"
    online: bool = True
    enrolls_again: bool = False


@dataclass(frozen=True)
class Change:
    """Something happens when `stage` has come for the so manieth time: to the device that the call was about (0), or to
    the one of this number, as far as there are so many."""

    stage: str
    after: int
    deed: str
    device: int


@dataclass(frozen=True)
class Example:
    """One play."""

    recipe: tuple[Instruction, ...]
    devices: tuple[Device, ...]
    changes: tuple[Change, ...]
    shared_email: bool = False
    rows: str = "readable"
    listed: str = "hidden"
    approved_after: timedelta = timedelta(minutes=1)


# When: after a list of devices was read, after a person's yes, between the reading of a device and that of its rows,
# between the rows and the send, after the send.
STAGES: Final = ("listed", "approved", "device_read", "rows_read", "sent")
DEEDS: Final = (
    "given_away", "given_to_nobody", "given_back", "enrolled_anew", "disenrolled", "serial_changes", "platform_changes",
    "ownership_changes", "goes_offline", "another_device", "user_renamed", "user_deleted", "person_returns",
    "process_dies", "answer_lost", "call_lost", "stopped", "outage",
)  # fmt: skip

_devices = st.builds(
    Device,
    owner=st.sampled_from((LEAVER, LEAVER, LEAVER, COLLEAGUE)),
    serial=st.sampled_from(SERIALS),
    ownership=st.sampled_from(("corporate", *OWNERSHIP_WORDS)),
    platform=st.sampled_from(PLATFORMS),
    online=st.booleans(),
    enrolls_again=st.booleans(),
)
_changes = st.builds(
    Change,
    stage=st.sampled_from(STAGES),
    after=st.integers(0, 3),
    deed=st.sampled_from(DEEDS),
    device=st.sampled_from((0, 0, 0, 0, *range(1, 7))),
)
examples: Final = st.builds(
    Example,
    recipe=st.sampled_from(RECIPES),
    devices=st.lists(_devices, min_size=1, max_size=7).map(tuple),
    changes=st.lists(_changes, max_size=5).map(tuple),
    shared_email=st.sampled_from((False, False, False, True)),
    rows=st.sampled_from(("readable", "unreadable", "missing")),
    listed=st.sampled_from(("hidden", "listed")),
    approved_after=st.sampled_from((timedelta(minutes=1), timedelta(hours=30))),
)
