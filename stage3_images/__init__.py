"""Stage 3: images in the conversation, taken from strangers, safely."""
