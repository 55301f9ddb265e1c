"""The graded parts: what students write themselves, stage by stage, in the order of the lesson.

A part is one or more named regions of the reference (`# --8<-- [start:name]`), the same ones that
the walkthrough quotes. In a starter the functions of these regions have no body; everything else
is given. The names and signatures are a contract with everyone who has taken a starter.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Region:
    """A named region of a file. The functions in `given` keep their bodies in a starter."""

    file: str
    name: str
    given: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Part:
    """A graded part: its name, its regions, and the section of the walkthrough that teaches it."""

    stage: int
    name: str
    section: str
    page: str
    regions: tuple[Region, ...]
    bonus: bool = False


_LINES = "stage1_basic/lines.py"
_ROOM1 = "stage1_basic/room.py"
_CONNECTION = "stage1_basic/connection.py"
_ROOM2 = "stage2_gui/room.py"
_IMAGES = "stage3_images/images.py"
_PACKETS = "stage4_udp_files/packets.py"
_SENDER = "stage4_udp_files/sender.py"
_SCOREBOARD = "stage4_udp_files/scoreboard.py"
_START = frozenset({"__init__"})

PARTS = (
    Part(
        1,
        "framing",
        "Framing",
        "stage1/messages#framing",
        (Region(_LINES, "line_reader", frozenset({"__init__", "pending"})),),
    ),
    Part(
        1,
        "text",
        "Text from strangers",
        "stage1/messages#text-from-strangers",
        (Region(_LINES, "clean_text"),),
    ),
    Part(
        1,
        "broadcast",
        "Who is speaking",
        "stage1/messages#who-is-speaking",
        (Region(_ROOM1, "broadcast"),),
    ),
    Part(1, "verbs", "The room", "stage1/messages#the-room", (Region(_ROOM1, "line_received"),)),
    Part(
        1,
        "client",
        "Threads and a queue",
        "stage1/messages#threads-and-a-queue",
        (Region(_CONNECTION, "send_lines"), Region(_CONNECTION, "receive_lines")),
    ),
    Part(2, "nicknames", "Who is who", "stage2#who-is-who", (Region(_ROOM2, "nick"),)),
    Part(
        2,
        "private_messages",
        "Private messages",
        "stage2#private-messages",
        (Region(_ROOM2, "private"),),
    ),
    Part(
        2,
        "commands",
        "Private messages",
        "stage2#private-messages",
        (Region("stage2_gui/commands.py", "parse"),),
    ),
    Part(
        3,
        "base64",
        "Binary data in a text protocol",
        "stage3#binary-data-in-a-text-protocol",
        (Region(_IMAGES, "decode_base64"),),
    ),
    Part(
        3,
        "file_names",
        "Names from strangers",
        "stage3#names-from-strangers",
        (
            Region("stage3_images/names.py", "safe_name"),
            Region("stage3_images/shared_folder.py", "shared_folder", _START),
        ),
    ),
    Part(
        3,
        "storing",
        "Nothing is overwritten",
        "stage3#nothing-is-overwritten",
        (Region("stage3_images/storing.py", "publish"),),
    ),
    Part(
        3,
        "checking",
        "What is an image",
        "stage3#what-is-an-image",
        (Region(_IMAGES, "check_image"),),
    ),
    Part(
        3,
        "uploads",
        "Work off the event loop",
        "stage3#work-off-the-event-loop",
        (Region("stage3_images/room.py", "handle_image"),),
    ),
    Part(
        4,
        "packets",
        "Packets",
        "stage4/one_packet#packets",
        (Region(_PACKETS, "encode"), Region(_PACKETS, "parse"), Region(_PACKETS, "ranges")),
    ),
    Part(
        4,
        "stop_and_wait",
        "ACKs that count",
        "stage4/one_packet#acks-that-count",
        (Region(_SENDER, "datagram_received"), Region(_SCOREBOARD, "acknowledge")),
    ),
    Part(
        4,
        "reassembly",
        "Order",
        "stage4/one_packet#order",
        (Region("stage4_udp_files/reassembly.py", "reassembly", _START),),
    ),
    Part(
        4,
        "window",
        "The sliding window",
        "stage4/many_packets#the-sliding-window",
        (Region(_SENDER, "window"), Region(_SENDER, "next_flight")),
    ),
    Part(
        4,
        "timeout",
        "When nothing comes back",
        "stage4/many_packets#when-nothing-comes-back",
        (Region("stage4_udp_files/rtt.py", "rtt", _START), Region(_SENDER, "repeat")),
    ),
    Part(
        4,
        "fast_retransmit",
        "Gaps",
        "stage4/many_packets#gaps",
        (Region(_SCOREBOARD, "find_lost"),),
    ),
    Part(
        4,
        "reno",
        "Congestion",
        "stage4/many_packets#congestion",
        (Region("stage4_udp_files/congestion.py", "reno", _START),),
        bonus=True,
    ),
)


def parts_of(stage: int) -> tuple[Part, ...]:
    """The graded parts of a stage, in the order of the lesson."""
    return tuple(part for part in PARTS if part.stage == stage)
