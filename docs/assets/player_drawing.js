// Draws a moment of a recorded download for the packet player: every picture from the moment that is
// shown, `now`, so that going back is as easy as going on.
"use strict";

window.packetDrawing = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 440; // of the diagram
  const { describeFlight } = window.packetTrace;

  function element(name, attributes = {}, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  /** One unit of a drawing is one pixel of the page, so its text is as large on a phone. */
  function fit(svg, height) {
    const width = Math.max(240, Math.round(svg.clientWidth) || 640);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    return width;
  }

  /** The diagram: server on the left, client on the right, time runs down. Before `now` everything is
   * drawn boldly, what is to come faintly. */
  function drawDiagram(svg, trace, now, span, hover) {
    const width = fit(svg, HEIGHT);
    const margin = width < 480 ? 46 : 64;
    const sides = { server: margin + 44, client: width - margin };
    const top = Math.max(0, now - span * 0.6);
    const y = (at) => 34 + ((at - top) / span) * (HEIGHT - 44);
    const parts = [];
    for (const [name, x] of Object.entries(sides)) {
      parts.push(element("line", { class: "line", x1: x, y1: 30, x2: x, y2: HEIGHT }));
      parts.push(element("text", { x, y: 18, "text-anchor": "middle", class: "who" }, name));
    }
    drawScale(parts, top, span, y);
    const labels = { server: -Infinity, client: -Infinity };
    for (const flight of trace.flights) {
      const end = flight.arrived === null ? flight.sent + span / 6 : flight.arrived;
      if (end < top || flight.sent > top + span) continue;
      drawFlight(parts, flight, now, { y, sides, labels, hover });
    }
    for (const event of trace.events) {
      if (event.event === "lost" && event.at <= now && event.at >= top) {
        parts.push(element("circle", { class: "verdict", cx: sides.server, cy: y(event.at), r: 4 }));
      }
    }
    parts.push(element("line", { class: "now", x1: sides.server, y1: y(now), x2: sides.client, y2: y(now) }));
    const names = parts.splice(0, 4); // the two sides: above the rest, which is cut off below them
    const clip = element("clipPath", { id: "player-clip" });
    clip.append(element("rect", { x: 0, y: 26, width, height: HEIGHT - 26 }));
    const group = element("g", { "clip-path": "url(#player-clip)" });
    group.append(...parts);
    svg.replaceChildren(clip, ...names, group);
  }

  function drawScale(parts, top, span, y) {
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => span / s <= 8) || 2000;
    for (let at = Math.ceil(top / step) * step; at < top + span; at += step) {
      parts.push(element("text", { x: 4, y: y(at) + 4, class: "scale" }, `${at} ms`));
    }
  }

  function drawFlight(parts, flight, now, { y, sides, labels, hover }) {
    const isAhead = flight.sent > now;
    const lost = flight.arrived === null;
    const end = lost ? flight.sent + 8 : Math.max(flight.arrived, flight.sent + 0.05);
    const share = isAhead ? 1 : Math.min(1, Math.max(0, (now - flight.sent) / (end - flight.sent)));
    const from = sides[flight.from];
    const to = sides[flight.from === "server" ? "client" : "server"];
    const x = from + (to - from) * share * (lost ? 0.45 : 1);
    const at = flight.sent + (end - flight.sent) * share;
    const again = flight.why === "lost" || flight.why === "timeout" || flight.why === "probe";
    const kind = flight.kind === "ACK" ? "answer" : again ? "again" : "data";
    const shape = { x1: from, y1: y(flight.sent), x2: x, y2: y(at) };
    const group = element("g", isAhead ? { class: "ahead" } : {});
    group.append(element("line", { ...shape, class: `flight ${kind}${flight.assumed ? " assumed" : ""}` }));
    if (share === 1) {
      if (lost) group.append(element("path", { class: "cross", d: crossAt(x, y(at)) }));
      else group.append(element("circle", { class: `end ${kind}`, cx: x, cy: y(at), r: 2 }));
    }
    const place = y(flight.sent) + 4;
    if (place - labels[flight.from] >= 13) { // no label on top of another
      labels[flight.from] = place;
      group.append(element("text", { ...besideThe(flight.from, from), y: place, class: `label ${kind}` },
        flight.kind === "DATA" || flight.kind === "ACK" ? `${flight.number}` : flight.kind));
    }
    const target = element("line", { ...shape, class: "target" });
    target.addEventListener("pointerenter", () => hover(describeFlight(flight)));
    target.append(element("title", {}, describeFlight(flight)));
    group.append(target);
    parts.push(group);
  }

  function besideThe(side, x) {
    return side === "server" ? { x: x - 8, "text-anchor": "end" } : { x: x + 8, "text-anchor": "start" };
  }

  function crossAt(x, y) {
    return `M${x - 5},${y - 5}L${x + 5},${y + 5}M${x - 5},${y + 5}L${x + 5},${y - 5}`;
  }

  /** The sliding window: what is known about each packet at this moment, as the sender sees it. */
  function drawWindow(svg, trace, now) {
    const state = stateAt(trace, now);
    const width = fit(svg, 60), cell = 18, shown = Math.floor(width / cell);
    const first = Math.max(0, Math.min(state.below - 6, trace.highest - shown + 1));
    const parts = [element("text", { x: 0, y: 12, class: "caption" }, caption(state))];
    for (let number = first; number <= Math.min(trace.highest, first + shown - 1); number += 1) {
      const x = (number - first) * cell;
      const kind = kindOf(number, state);
      parts.push(element("rect", { x: x + 1, y: 20, width: cell - 2, height: 20, rx: 3, class: `cell ${kind}` }));
      if (number % 5 === 0) parts.push(element("text", { x: x + cell / 2, y: 54, class: "scale", "text-anchor": "middle" }, `${number}`));
    }
    if (state.window) {
      const x = (state.below - first) * cell;
      const long = Math.min((windowEnd(state, trace.highest) - state.below) * cell, width - x - 1);
      if (long > 0) parts.push(element("rect", { x, y: 17, width: long, height: 26, rx: 5, class: "frame" }));
    }
    svg.replaceChildren(...parts);
  }

  /** One past the last packet that the window lets out: those that have arrived do not count. */
  function windowEnd(state, highest) {
    let end = state.below;
    for (let room = state.window; room > 0 && end <= highest; end += 1) {
      const kind = kindOf(end, state);
      if (kind !== "acked" && kind !== "lost") room -= 1;
    }
    return end;
  }

  function caption(state) {
    const window = state.window ? `window ${state.window}` : "no window yet";
    return `${window} · all below ${state.below} arrived · ${state.resent} sent again`;
  }

  function stateAt(trace, now) {
    const state = { below: 0, acked: new Set(), sent: new Map(), lost: new Set(), window: null, resent: 0 };
    for (const event of trace.events) {
      if (event.at > now) break;
      if (event.side !== "server") continue;
      if (event.event === "sent" && (event.kind === "DATA" || event.kind === "FIN")) {
        if (state.sent.has(event.number)) state.resent += 1;
        state.sent.set(event.number, event.at);
        state.lost.delete(event.number);
      } else if (event.event === "received" && event.kind === "ACK") {
        state.below = Math.max(state.below, event.number);
        for (const [a, b] of event.ranges || []) for (let n = a; n < b; n += 1) state.acked.add(n);
      } else if (event.event === "lost") {
        state.lost.add(event.number);
      } else if (event.event === "window") {
        state.window = event.window;
      }
    }
    return state;
  }

  function kindOf(number, state) {
    if (number < state.below || state.acked.has(number)) return "acked";
    if (state.lost.has(number)) return "lost";
    return state.sent.has(number) ? "flying" : "unsent";
  }

  /** Window and packets in flight over time. */
  function drawChart(svg, trace, now) {
    const windows = trace.events.filter((event) => event.event === "window");
    const height = 170, width = fit(svg, height), left = 34, bottom = 20;
    const highest = Math.max(4, ...windows.map((event) => Math.max(event.window, event.in_flight)));
    const x = (at) => left + (at / trace.end) * (width - left - 4);
    const y = (value) => height - bottom - (value / highest) * (height - bottom - 22);
    const parts = [element("text", { x: 0, y: 12, class: "caption" }, "window and packets in flight")];
    for (const value of [0, Math.round(highest / 2), highest]) {
      parts.push(element("text", { x: left - 6, y: y(value) + 4, class: "scale", "text-anchor": "end" }, `${value}`));
      parts.push(element("line", { class: "line faint", x1: left, y1: y(value), x2: width, y2: y(value) }));
    }
    for (const [field, kind] of [["in_flight", "data"], ["window", "answer"]]) {
      const points = windows.filter((e) => e.at <= now).map((e) => `${x(e.at).toFixed(1)},${y(e[field]).toFixed(1)}`);
      parts.push(element("polyline", { class: `curve ${kind}`, points: points.join(" ") }));
    }
    for (const event of trace.events) {
      if (event.event === "lost" && event.at <= now) {
        parts.push(element("circle", { class: "verdict", cx: x(event.at), cy: y(0), r: 2.5 }));
      }
    }
    parts.push(element("line", { class: "now", x1: x(now), y1: 18, x2: x(now), y2: height - bottom }));
    parts.push(element("text", { x: left, y: height - 4, class: "scale" }, "0"));
    parts.push(element("text", { x: width, y: height - 4, class: "scale", "text-anchor": "end" }, `${trace.end.toFixed(0)} ms`));
    svg.replaceChildren(...parts);
  }

  return { drawDiagram, drawWindow, drawChart };
})();
