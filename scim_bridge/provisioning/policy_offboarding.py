"""[tenants.NAME.offboarding] of the policy: the recipes by what happened, and what a locked device shows. Whether a
recipe is safe to run is for offboarding.recipe_faults to say; whether the portal can do it at all is looked at here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scim_bridge.offboarding.recipe import DEVICE_KINDS, DISENROLL, OWNERSHIPS, Instruction, instruction
from scim_bridge.offboarding.recipe_faults import faults
from scim_bridge.provisioning.policy import PortalPolicy
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader

_RECIPES = ("on_deactivate", "on_delete", "on_hr_event", "on_offboard", "on_scope_loss")
_KEYS: Mapping[str, type] = {
    **dict.fromkeys(_RECIPES, list),
    "lock_message": str, "lock_phone": str, "lock_pin": bool, "unattended": bool,
}  # fmt: skip
_STEP: Mapping[str, type] = {"step": str, "ownership": list, "platforms": list}


def read_offboarding(reader: Reader, place: Place, part: object, portal: PortalPolicy | None) -> dict[str, Any]:
    """The recipes and what locks say, as TenantPolicy takes them; `portal` is the tenant's, None when it has none."""
    values = reader.table(place, part, _KEYS)
    unattended = values.pop("unattended", False)
    for key in _RECIPES:
        if key in values:
            steps = _steps(reader, (*place, key), values[key], portal)
            if len(steps) == len(values[key]):  # the order of steps that cannot be read cannot be judged
                _judge(reader, (*place, key), steps, unattended=unattended)
            values[key] = steps
    return values


def _steps(reader: Reader, place: Place, part: list[object], portal: PortalPolicy | None) -> tuple[Instruction, ...]:
    """Those that can be read."""
    read = [(number, _step(reader, (*place, number), one)) for number, one in enumerate(part, 1)]
    for number, step in read:
        if step and portal:
            _is_possible(reader, (*place, number), step, portal)
    return tuple(step for _, step in read if step)


def _judge(reader: Reader, place: Place, recipe: tuple[Instruction, ...], *, unattended: bool) -> None:
    for number, sentence in faults(recipe, unattended=unattended):
        reader.fault((*place, number), sentence)


def _step(reader: Reader, place: Place, part: object) -> Instruction | None:
    """One item of a recipe: words, or a table that narrows a step to some devices."""
    if isinstance(part, str):
        return instruction(part)
    if not isinstance(part, dict):
        reader.fault(
            place, 'must be words, such as "hold 24h", or a table, such as {step = "wipe", platforms = ["ios"]}.'
        )
        return None
    words = reader.required(place, {"step": part.get("step", "")}, ("step",))
    values = reader.table(place, {**part, "step": ""}, _STEP)
    narrowed: dict[str, Any] = {}
    if "ownership" in values:
        narrowed["ownership"] = _ownership(reader, (*place, "ownership"), values["ownership"])
    if "platforms" in values:
        narrowed["platforms"] = _some(reader, (*place, "platforms"), values["platforms"])
    return replace(instruction(words["step"]), **narrowed) if words else None


def _ownership(reader: Reader, place: Place, part: list[object]) -> tuple[str, ...]:
    words = _some(reader, place, part)
    for word in words:
        if word not in OWNERSHIPS:
            reader.fault(place, f'"{word}" is no ownership; they are {", ".join(OWNERSHIPS)}.')
    return tuple(ownership for ownership in OWNERSHIPS if ownership in words)


def _some(reader: Reader, place: Place, part: list[object]) -> tuple[str, ...]:
    """Words in small letters, as what Hexnode says is compared with them; at least one."""
    words = tuple(text.strip().lower() for text in reader.texts(place, part))
    if not part:
        reader.fault(place, "names nothing: leave it out, or name what the step is for.")
    if not all(map(str.isprintable, words)):
        reader.fault(place, "has a control character in it.")
    return words


def _is_possible(reader: Reader, place: Place, step: Instruction, portal: PortalPolicy) -> None:
    """Whether the portal's words for it are known (hexnode-api.md 9.10, 13 row 26). They are never guessed."""
    where = f"[portals.{portal.name}.paths]"
    if step.kind == DISENROLL and not portal.paths.disenroll:
        remedy = f'say disenroll = "WORD" in {where}, the word of the path in your portal\'s API pages'
        reader.fault(place, f"the path of {step.kind} is not known; {remedy}.")
    if step.kind in DEVICE_KINDS and "unknown" not in step.ownership and not portal.paths.ownership:
        remedy = f'say ownership = "FIELD" in {where}, the field in which your portal shows it'
        reader.fault(place, f"every device is of unknown ownership, so {step.kind} would pass all by; {remedy}.")
