"""Images in the conversation: sent, announced, listed, fetched, by whatever client."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.stage3.hints import ANSWER_IN_ORDER, NEVER_OVERWRITE, ONE_LINE_FOR_ALL
from tests.stage3.pictures import bmp, gif, jpeg, photo, png
from tests.stage3.wire import fetch, files_in, image_line, images_of, join, needs_pillow, upload
from tests.support.fixtures import Connect, StartProgram, StartServer
from tests.support.server import Server
from tests.support.submission import Submission

pytestmark = [
    pytest.mark.stage(3),
    needs_pillow,
    ANSWER_IN_ORDER,
]

STORED = r"\d{8}-\d{6}_%s"


@pytest.mark.points(4)
@pytest.mark.parametrize(
    ("name", "content"),
    [("cat.png", png()), ("cat.jpg", jpeg()), ("cat.gif", gif(3)), ("cat.bmp", bmp())],
)
def test_an_image_goes_round(server: Server, connect: Connect, name: str, content: bytes) -> None:
    """An image is stored, its sender is told its name, everyone else can fetch the same bytes."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    join(ann, "Ann")
    stored = upload(ann, name, content)
    assert re.fullmatch(STORED % f"Ann_{re.escape(name)}", stored)
    bob.expect_line(f"MESSAGE:IMAGE_RECEIVED:Ann|{stored}")
    assert fetch(bob, stored) == content
    assert (images_of(server)[0] / stored).read_bytes() == content


@pytest.mark.points(1)
def test_a_sender_without_a_nickname(server: Server, connect: Connect) -> None:
    """Without a nickname the sender's address is in the name, with hyphens for its colons."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    stored = upload(ann, "cat.png", png())
    assert re.fullmatch(STORED % re.escape(ann.address.replace(":", "-") + "_cat.png"), stored)
    bob.expect_line(f"MESSAGE:IMAGE_RECEIVED:{ann.address}|{stored}")


@NEVER_OVERWRITE
@pytest.mark.points(2)
def test_uploads_in_one_second_all_stay(server: Server, connect: Connect) -> None:
    """Images of one name sent at once get different names; none overwrites another."""
    ann = connect(server, "Ann")
    contents = [png(width) for width in range(5, 9)]
    for content in contents:
        ann.send_raw(image_line("cat.png", content))
    names = [ann.expect_start("IMAGE_OK:").partition(":")[2] for _ in contents]
    assert len(set(names)) == len(names)
    assert [fetch(ann, name) for name in names] == contents


@ONE_LINE_FOR_ALL
@pytest.mark.points(1)
def test_a_photo_of_ten_megabytes(server: Server, connect: Connect) -> None:
    """Just under 10 MiB pass, and come back byte by byte."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    content = photo(10 * 1024 * 1024 - 50_000)
    stored = upload(ann, "large.png", content)
    bob.expect_start("MESSAGE:IMAGE_RECEIVED:")
    assert fetch(bob, stored) == content
    (images_of(server)[0] / stored).unlink()


@pytest.mark.points(2)
def test_answers_come_in_order(server: Server, connect: Connect) -> None:
    """Each request gets one answer, in the order of the requests, however long each takes."""
    ann = connect(server, "Ann")
    ann.send_raw(
        image_line("cat.png", jpeg())
        + b"REQUEST_IMAGE:none.png\nONLINE\n"
        + image_line("bad.png", b"bad")
        + b"REQUEST_LIST\nping\nNICK:Ann\n"
    )
    ann.expect_start("IMAGE_OK:")
    ann.expect_start("IMAGE_ERROR:none.png|")
    ann.expect_line("ONLINE_LIST:[]")
    ann.expect_start("IMAGE_ERROR:bad.png|")
    ann.expect_start("IMAGE_LIST:[")
    ann.expect_line("pong")
    ann.expect_line("NICK_OK:Ann")


@pytest.mark.points(2)
def test_the_list(start: StartServer, connect: Connect) -> None:
    """The list has the operator's images first, then the uploads; with a colon and without."""
    server = start()
    received, library = images_of(server)
    for name in ("zebra.png", "Grüße 🎉.png"):
        (library / name).write_bytes(png())
    ann = connect(server, "Ann")
    stored = upload(ann, "cat.png", png())
    for request in ("REQUEST_LIST:", "REQUEST_LIST"):
        ann.send_line(request)
        names = json.loads(ann.expect_start("IMAGE_LIST:").partition(":")[2])
        assert names == ["Grüße 🎉.png", "zebra.png", stored]
    assert fetch(ann, "Grüße 🎉.png") == png()
    assert files_in(received) == [stored]


@pytest.mark.points(1)
def test_the_library_wins(start: StartServer, connect: Connect) -> None:
    """Where both folders have a name, the operator's image is meant, and listed once."""
    server = start()
    ann = connect(server, "Ann")
    stored = upload(ann, "cat.png", png())
    (images_of(server)[1] / stored).write_bytes(bmp())
    ann.send_line("REQUEST_LIST:")
    ann.expect_line(f'IMAGE_LIST:["{stored}"]')
    assert fetch(ann, stored) == bmp()


def test_a_changed_image_is_sent_as_it_is_now(start: StartServer, connect: Connect) -> None:
    """The operator replaces an image: who asks afterwards gets the new one."""
    server = start()
    path = images_of(server)[1] / "cat.png"
    ann = connect(server, "Ann")
    for content in (png(), bmp(), png(9)):
        path.write_bytes(content)
        assert fetch(ann, "cat.png") == content


@pytest.mark.points(2)
def test_the_operator_lists_and_sends(start: StartServer, connect: Connect) -> None:
    """`list` shows the images, `send NAME` sends one to everyone, `help` knows both."""
    server = start()
    (images_of(server)[1] / "two words.png").write_bytes(png())
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    server.type("list\n")
    server.expect_output(r"two words\.png")
    server.type("send two words.png\n")
    for client in (ann, bob):
        client.expect_start("SERVER_IMAGE:two words.png|")
    server.type("help\n")
    server.expect_output(r"(?s)list .*send ")


def test_the_operator_is_told_what_cannot_be_sent(start: StartServer, connect: Connect) -> None:
    """A wrong name, a file that is no image: the operator reads why, nobody gets anything."""
    server = start()
    library = images_of(server)[1]
    (library / "notes.txt").write_text("no image")
    (library.parent / "secret.png").write_bytes(png())
    ann = connect(server, "Ann")
    for name, why in (
        ("none.png", "no such"),
        ("notes.txt", "not an image"),
        ("../secret.png", "not a plain"),
    ):
        server.type(f"send {name}\n")
        server.expect_output(f"not sent: .*{why}")
    server.type("list of things\n")
    ann.expect_line("MESSAGE:Server | list of things")


def test_folders_are_made_and_named(start: StartServer) -> None:
    """Folders that are missing are made, and printed with their absolute path."""
    server = start()
    for folder in images_of(server):
        assert folder.is_dir()
        server.expect_output(re.escape(str(folder)))


def test_a_folder_that_cannot_be_made(
    stage: int, submission: Submission, run: StartProgram, tmp_path: Path
) -> None:
    """A file where the folder should be: one line on stderr says so, and the server ends."""
    (tmp_path / "file").write_text("")
    command = submission.command(
        stage, "server", "--port", "0", "--received-images", str(tmp_path / "file" / "folder")
    )
    program = run(command, cwd=submission.root, name="server")
    assert program.expect_exit() != 0
    assert program.complaints().count("\n") == 1
    assert str(tmp_path / "file" / "folder") in program.complaints()


@pytest.mark.skipif(os.name == "nt", reason="an open folder cannot be removed there")
def test_folders_that_vanish(start: StartServer, connect: Connect) -> None:
    """Someone removes the folders of a running server: lists are empty, uploads go on."""
    server = start()
    ann = connect(server, "Ann")
    for folder in images_of(server):
        folder.rmdir()
    ann.send_line("REQUEST_LIST:")
    ann.expect_line("IMAGE_LIST:[]")
    assert fetch(ann, upload(ann, "cat.png", png())) == png()


def test_older_servers_are_not_littered(server: Server, connect: Connect) -> None:
    """What an image client says before it knows its server is a verb, never chat."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    ann.send_line("REQUEST_LIST")
    ann.expect_start("IMAGE_LIST:")
    ann.send_line("done")
    bob.expect_line(f"MESSAGE:{ann.address} | done")
