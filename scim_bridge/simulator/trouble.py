"""What a planned fault does to the call that it befalls, before and after the call's effect.

The line is cut or held by `line`; `before_accept` stands in `gate`, for such a call was never received.
"""

from flask import Response

from scim_bridge.simulator import line
from scim_bridge.simulator.faults import Fault
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.refusal import refused
from scim_bridge.simulator.throttled import throttled
from scim_bridge.simulator.wire import html_reply, reply

USUAL_SECONDS = 57.0  # the wait of the vendor's own example


def before_effect(portal: Portal, fault: Fault, call: int) -> Response | None:
    """The answer in place of the effect, or None if the effect is to come. `call` is its ledger number."""
    if fault.kind == "hang_before_effect":
        line.hold(portal.faults, fault.seconds, call)
    if fault.kind in ("throttle", "429"):
        raise throttled(portal, USUAL_SECONDS if fault.seconds is None else fault.seconds)
    if fault.kind == "refuse_key":
        raise refused("Invalid token.", 401)
    if fault.kind == "after_read":
        return dropped(fault)
    if fault.kind == "html_502" and fault.when == "before":
        return html_reply(502)
    return _planned_answer(fault) if fault.kind == "status_before_effect" else None


def after_effect(portal: Portal, fault: Fault, answer: Response) -> Response:
    """The answer as it is sent, late, in part or another one."""
    if fault.kind in ("hang_after_effect", "delayed"):
        line.hold(portal.faults, fault.seconds)
    if fault.kind == "after_effect":
        return dropped(fault)
    if fault.kind == "cut_answer":
        _cut(answer)
    if fault.kind == "html_502" and fault.when == "after":
        return html_reply(502)
    return _planned_answer(fault) if fault.kind == "status_after_effect" else answer


def dropped(fault: Fault) -> Response:
    """Ends the connection; the empty answer is for the server and goes nowhere."""
    line.hang_up(fault.kind)
    return reply(None, 500)


def is_answered(fault: Fault | None) -> bool:
    """Whether the caller gets an answer, or a part of one."""
    return fault is None or fault.kind not in ("after_read", "after_effect")


def _planned_answer(fault: Fault) -> Response:
    if fault.body == "html":
        return html_reply(fault.status)
    return reply({"detail": "A server error occurred."} if fault.body == "json" else None, fault.status)


def _cut(answer: Response) -> None:
    """Sends half of the promised body; of an answer without one, nothing at all."""
    whole = answer.get_data()
    if not whole or not line.on_a_socket():
        line.hang_up("cut_answer")
    answer.set_data(whole[: len(whole) // 2])
    answer.headers["Content-Length"] = str(len(whole))
