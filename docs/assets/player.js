// The packet player: plays a recorded download as a time–sequence diagram, by mouse and keyboard.
// player_trace.js reads recordings, player_drawing.js draws a moment; this has the controls and the time.
"use strict";

(() => {
  const { SPANS, readTrace, comfortableSpan, describe } = window.packetTrace;
  const { drawDiagram, drawWindow, drawChart } = window.packetDrawing;
  const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200]; // so many times slower than it was

  function lastBefore(events, now, kind) {
    let low = 0, high = events.length; // events are in order: halve
    while (low < high) {
      const middle = (low + high) >> 1;
      if (events[middle].at <= now) low = middle + 1; else high = middle;
    }
    while (low > 0 && kind && !kind(events[low - 1])) low -= 1;
    return low > 0 ? events[low - 1] : null;
  }

  const PAGE = `
    <div class="player-bar">
      <label>Recording <select class="player-scenario"></select></label>
      <label class="player-own">Your own trace <input type="file" multiple accept=".jsonl,.json,.txt,.trace"></label>
    </div>
    <p class="player-about"></p>
    <div class="player-bar" role="group" aria-label="Controls">
      <button type="button" class="player-start" title="To the beginning (Home)" aria-label="To the beginning">⏮</button>
      <button type="button" class="player-back" title="One event back (←)" aria-label="One event back">◀</button>
      <button type="button" class="player-play" title="Play or pause (space)">Play</button>
      <button type="button" class="player-step" title="One event on (→)" aria-label="One event on">▶</button>
      <label>Speed <select class="player-speed"></select></label>
      <label>Shows <select class="player-span"></select></label>
      <label class="player-wide">Time <input class="player-time" type="range" min="0" step="0.1" value="0"></label>
    </div>
    <p class="player-event" aria-live="off"></p>
    <svg class="player-window" role="img" aria-label="The sliding window"></svg>
    <div class="player-both">
      <svg class="player-diagram" role="img" aria-label="Time–sequence diagram"></svg>
      <div class="player-side">
        <svg class="player-chart" role="img" aria-label="Window over time"></svg>
        <p class="player-hover">Point at a line, or touch it, to read about it.</p>
        <ul class="player-legend">
          <li><i class="data"></i>data</li><li><i class="again"></i>sent again</li>
          <li><i class="answer"></i>ACK</li><li><i class="loss"></i>lost</li>
        </ul>
      </div>
    </div>`;

  class Player {
    constructor(root) {
      this.root = root;
      root.innerHTML = PAGE;
      this.now = 0;
      this.playing = false;
      this.calm = matchMedia("(prefers-reduced-motion: reduce)");
      this.find = (name) => root.querySelector(`.player-${name}`);
      this.fillMenus();
      this.listen();
      const recordings = window.packetTraces || [];
      if (recordings.length) this.open(recordings[0]);
      new ResizeObserver(() => { if (this.trace) this.draw(); }).observe(root);
    }

    fillMenus() {
      for (const [index, recording] of (window.packetTraces || []).entries()) {
        this.find("scenario").append(new Option(recording.title, index));
      }
      for (const speed of SPEEDS) {
        this.find("speed").append(new Option(speed === 1 ? "as it was" : `${speed} × slower`, speed));
      }
      this.find("speed").value = "20";
      for (const span of SPANS) this.find("span").append(new Option(`${span} ms`, span));
    }

    listen() {
      this.find("scenario").addEventListener("change", (e) => this.open(window.packetTraces[e.target.value]));
      this.find("play").addEventListener("click", () => this.toggle());
      this.find("step").addEventListener("click", () => this.step(1));
      this.find("back").addEventListener("click", () => this.step(-1));
      this.find("start").addEventListener("click", () => this.show(0));
      this.find("span").addEventListener("change", () => this.draw());
      this.find("time").addEventListener("input", (e) => this.show(Number(e.target.value)));
      this.root.querySelector("input[type=file]").addEventListener("change", (e) => this.openFiles(e.target.files));
      this.root.addEventListener("keydown", (e) => this.key(e));
    }

    async openFiles(files) {
      if (!files.length) return;
      const texts = await Promise.all([...files].map((file) => file.text()));
      this.find("scenario").selectedIndex = -1; // none of these, so that each can be chosen again
      this.open({ title: "your own", about: [...files].map((file) => file.name).join(", "), texts });
    }

    open(recording) {
      this.pause();
      try {
        this.trace = readTrace(recording.texts);
      } catch (error) {
        this.find("about").textContent = error.message;
        this.root.classList.add("player-failed");
        return;
      }
      this.root.classList.remove("player-failed");
      const one = this.trace.sides.size < 2
        ? ` Only the ${[...this.trace.sides][0]}'s side is in it: arrivals are assumed. Open the traces of both sides together to see them.` : "";
      this.find("about").textContent = recording.about + one;
      this.find("time").max = this.trace.end.toFixed(1);
      this.find("span").value = `${comfortableSpan(this.trace)}`;
      this.show(0);
    }

    key(event) {
      if (event.target.matches("select, input[type=file]") || event.ctrlKey || event.metaKey || event.altKey) return;
      const isSlider = event.target.matches("input[type=range]");
      const isButton = event.target.matches("button");
      const actions = {
        " ": () => this.toggle(), ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1),
        Home: () => this.show(0), End: () => this.show(this.trace.end),
      };
      if (!(event.key in actions) || (isButton && event.key === " ") || (isSlider && event.key !== " ")) return;
      event.preventDefault();
      event.stopPropagation();
      actions[event.key]();
    }

    toggle() {
      if (this.playing) this.pause(); else this.play();
    }

    play() {
      if (!this.trace) return;
      if (this.now >= this.trace.end) this.now = 0;
      this.playing = true;
      this.find("play").textContent = "Pause";
      this.last = performance.now();
      if (this.calm.matches) this.timer = setInterval(() => this.step(1), 700); // no moving pictures
      else requestAnimationFrame((time) => this.frame(time));
    }

    pause() {
      this.playing = false;
      clearInterval(this.timer);
      this.find("play").textContent = "Play";
    }

    frame(time) {
      if (!this.playing || !this.root.isConnected) return;
      const passed = Math.min(100, Math.max(0, time - this.last)) / Number(this.find("speed").value);
      this.last = time;
      this.show(this.now + passed);
      if (this.now >= this.trace.end) this.pause();
      else requestAnimationFrame((next) => this.frame(next));
    }

    /** To the next (or last) moment at which something happens. */
    step(direction) {
      const moments = this.trace.events.map((event) => event.at);
      const next = direction > 0
        ? moments.find((at) => at > this.now + 1e-6)
        : moments.findLast((at) => at < this.now - 1e-6);
      if (next === undefined && direction > 0) this.pause();
      this.show(next === undefined ? (direction > 0 ? this.trace.end : 0) : next);
    }

    show(now) {
      this.now = Math.min(Math.max(0, now), this.trace.end);
      this.draw();
    }

    draw() {
      const { trace, now } = this;
      this.find("time").value = now;
      const event = lastBefore(trace.events, now, (e) => e.event !== "window");
      this.find("event").textContent = event ? `${now.toFixed(1)} ms: ${describe(event)}` : "";
      drawDiagram(this.find("diagram"), trace, now, Number(this.find("span").value),
        (text) => { this.find("hover").textContent = text; });
      drawWindow(this.find("window"), trace, now);
      drawChart(this.find("chart"), trace, now);
    }
  }

  function begin() {
    for (const root of document.querySelectorAll(".packet-player:not([data-ready])")) {
      root.dataset.ready = "yes";
      root.player = new Player(root);
    }
  }

  if (window.document$) window.document$.subscribe(begin); // Material changes pages without loading
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
