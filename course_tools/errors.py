"""How a command gives up: one exception, whose text is written for the person who reads it."""


class CourseError(Exception):
    """What went wrong, and what to do now; shown without a traceback."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
