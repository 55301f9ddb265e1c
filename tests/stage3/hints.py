"""The hints of the tests of stage 3, each with the paragraph that explains it."""

import pytest

SAFE_NAMES = pytest.mark.hint(
    "Do not look for bad names: make every name good. Keep what follows the last / or \\, "
    "replace what some system forbids, cut to the limit between two characters.",
    docs="stage3#names-from-strangers",
)
CONTENT_DECIDES = pytest.mark.hint(
    "The content decides, not the name. Ask the cheap questions first: bytes, kind, end, "
    "pixels; then decode every frame, and take each complaint of Pillow's for a refusal.",
    docs="stage3#what-is-an-image",
)
NEVER_OVERWRITE = pytest.mark.hint(
    "Write under another name, then give the file its name in one step that fails when the "
    "name is taken. Asking first whether it is free leaves a gap.",
    docs="stage3#nothing-is-overwritten",
)
ANSWER_IN_ORDER = pytest.mark.hint(
    "Store the image, answer IMAGE_OK with the name it got, and tell everyone else that "
    "name. Answers go out in the order of the requests.",
    docs="stage3#work-off-the-event-loop",
)
BELIEVE_NOTHING = pytest.mark.hint(
    "A server believes nothing that a stranger sends: check the content, make the name "
    "safe, answer IMAGE_ERROR, leave no file, and let nobody else wait.",
    docs="stage3#names-from-strangers",
)
SERVERS_ARE_STRANGERS = pytest.mark.hint(
    "A server is a stranger, too: check and save what it sends exactly as a server checks "
    "an upload.",
    docs="stage3#names-from-strangers",
)
BYTES_ARE_LIFE = pytest.mark.hint(
    "Whoever takes or sends a piece of an image is alive. Look at the bytes that move, not "
    "only at pong.",
    docs="stage3#memory",
)
OWN_PROCESS = pytest.mark.hint(
    "Decode in a process of its own: it can be ended when an image takes too long, and replaced.",
    docs="stage3#work-off-the-event-loop",
)
STRICT_BASE64 = pytest.mark.hint(
    "Python's decoders skip what is not of the alphabet unless they are told to be strict, so "
    "damage goes unnoticed. Refuse it; and look at the length and the padding, too.",
    docs="stage3#binary-data-in-a-text-protocol",
)
BARE_NAMES = pytest.mark.hint(
    "Take bare names only, and open them in that one folder, without following symbolic "
    "links. Comparing the beginnings of paths is no protection.",
    docs="stage3#names-from-strangers",
)
ONE_LINE_FOR_ALL = pytest.mark.hint(
    "Make the line of an image once and share it; who does not take it is dropped alone.",
    docs="stage3#memory",
)
