"""The room with downloads: what there is, who may have it, and when it ends.

Strategy: the conversation about a file goes over TCP, the file itself over UDP. The room makes a
secret token for each download, tells the file server whom to expect, and hands the token to the
client that asked: whoever shows it from that client's address gets the file. A client that leaves
takes its downloads with it.
"""

import json
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stage1_basic.lines import decode_text
from stage1_basic.room import Client, Engine
from stage3_images.image_lines import NAME_BYTES
from stage3_images.images import readable_size
from stage3_images.room import Room as ImageRoom
from stage3_images.shared_folder import NotSharedError, SharedFolder
from stage4_udp_files.file_service import ENDED, FileService, GrantedFile, NotGrantedError, Report

DOWNLOADS_LIMIT = 8
"""How many downloads one client may have at a time."""

TOKEN_BYTES = 8

REFUSALS = (NotSharedError, NotGrantedError)


@dataclass(frozen=True, slots=True)
class Granted:
    """A download that has not ended: whose it is, and of which file."""

    client: Client
    name: str
    gone: str = ""  # who the client was, if it has left: the end may be on its way to us


class Room(ImageRoom):
    """Stage 3's room, from which files can be downloaded."""

    def __init__(
        self,
        engine: Engine,
        ping_interval: float,
        folders: tuple[Path, Path, Path],
        service: FileService,
    ) -> None:
        """`folders` are those of the images (library, uploads), and that of the files."""
        super().__init__(engine, ping_interval, folders[0], folders[1])
        self.files = SharedFolder(folders[2])
        self.service = service
        self.granted: dict[str, Granted] = {}  # by token

    def disconnected(self, client: Client, why: str = "") -> None:
        """A client has gone, and with it those of its downloads that have not ended by now."""
        who = self.name_of(client)
        super().disconnected(client, why)
        for token in self._tokens_of(client):
            self.service.cancel(token)
            self.granted[token] = replace(self.granted[token], gone=who)

    def closing(self) -> None:
        """The server is about to end, and with it the file server, whose port is free then."""
        super().closing()
        self.service.close()

    # What clients can ask for.

    def handle_files(self, client: Client) -> None:
        """`FILES:`: the names and sizes of all files, as a JSON array."""

        def send(sizes: dict[str, int]) -> None:
            files = [{"name": name, "size": size} for name, size in sizes.items()]
            self.reply(client, f"FILE_LIST:{json.dumps(files, ensure_ascii=False)}")

        self._answer(client, "", self.files.sizes, send)

    # --8<-- [start:handle_download]
    def handle_download(self, client: Client, rest: bytes) -> None:
        """`DOWNLOAD:<filename>`: a secret with which the file can be fetched over UDP."""
        name = decode_text(rest)
        if len(self._tokens_of(client)) >= DOWNLOADS_LIMIT:
            why = f"at most {DOWNLOADS_LIMIT} downloads at a time: wait for one, or cancel it"
            self.refuse_file(client, name, why)
            return
        token = secrets.token_hex(TOKEN_BYTES)
        peer = client.address.rpartition(":")[0].strip("[]")

        def grant() -> GrantedFile:
            self.files.open(name).close()
            return self.service.grant(token, self.files.path / name, peer)

        def tell(file: GrantedFile) -> None:
            if client not in self.clients:  # it has not waited for the answer
                self.service.cancel(token)
                return
            self.granted[token] = Granted(client, name)
            ready = {
                "name": name,
                "size": file.size,
                "token": token,
                "udp_port": self.service.port,
                "version": file.version,
            }
            self.reply(client, f"DOWNLOAD_READY:{json.dumps(ready, ensure_ascii=False)}")

        self._answer(client, name, grant, tell)

    # --8<-- [end:handle_download]

    def handle_cancel(self, client: Client, rest: bytes) -> None:
        """`CANCEL:<token>`: end a download. Only its owner may."""
        token = decode_text(rest)
        if token not in self._tokens_of(client):
            self.refuse(client, "CANCEL", "you have no such download")
            return
        name = self._take_back(token)
        self.engine.log(f"{self.name_of(client)} has cancelled the download of {name}")
        self.refuse_file(client, name, "cancelled")

    # What the operator can ask for.

    def operator_files(self) -> None:
        """List the files that can be downloaded."""

        def show(sizes: dict[str, int]) -> None:
            self.engine.log(f"{len(sizes)} files")
            for name, size in sizes.items():
                self.engine.log(f"  {name} ({readable_size(size)})")

        self._do_for_operator(self.files.sizes, show)

    # What the file server reports.

    def file_report(self, report: Report) -> None:
        """A download has begun or ended, or the file server itself has."""
        if report["event"] == "ended":
            self.engine.log(f"{ENDED}: there are no downloads any more")
            for token in list(self.granted):
                self._failed(token, ENDED)
        elif report["event"] == "failed":
            self._failed(report["token"], report["why"])
        elif report["event"] == "cancelled":
            self.granted.pop(report["token"], None)
        elif report["event"] == "finished" and (done := self.granted.pop(report["token"], None)):
            self.engine.log(
                f"{done.gone or self.name_of(done.client)} has downloaded {done.name}: "
                f"{readable_size(report['bytes'])} in {report['seconds']:.1f} s, "
                f"{report['resent']:,} of {report['packets']:,} packets sent again"
            )

    # How it is done.

    def refuse_file(self, client: Client, name: str, why: str) -> None:
        """Tell a client that it does not get a file."""
        named = name.replace("|", "_")[:NAME_BYTES]
        self.reply(client, f"FILE_ERROR:{named}|{why}")

    def _failed(self, token: str, why: str) -> None:
        failed = self.granted.pop(token, None)
        if failed is not None and not failed.gone:
            self.engine.log(f"{self.name_of(failed.client)} does not get {failed.name}: {why}")
            self.refuse_file(failed.client, failed.name, why)

    def _tokens_of(self, client: Client) -> list[str]:
        return [token for token, granted in self.granted.items() if granted.client is client]

    def _take_back(self, token: str) -> str:
        self.service.cancel(token)
        return self.granted.pop(token).name

    def _answer(
        self, client: Client, name: str, work: Callable[[], Any], answer: Callable[[Any], None]
    ) -> None:
        """Work in the background while the client waits, then answer it, or refuse."""

        def then(future: Future[Any]) -> None:
            try:
                result = future.result()
            except REFUSALS as error:
                self.refuse_file(client, name, str(error))
            else:
                answer(result)

        self.engine.run_in_background(work, then, holds=client)
