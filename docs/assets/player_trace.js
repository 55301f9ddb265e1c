// Reads a recorded download for the packet player.
//
// A trace is a file of JSON lines, written by `--trace FILE` (see stage4_udp_files/trace.py). `readTrace`
// turns it into flights: who sent what when, and when it arrived, if it did. Nothing here knows about
// loss or windows but what the trace says.
"use strict";

window.packetTrace = (() => {
  const SPANS = [2, 5, 10, 20, 50, 100, 200, 500, 1000]; // milliseconds that the diagram can show

  /** The events of one download in one or more files of JSON lines. Throws Error with a reason. */
  function readTrace(texts) {
    let events = texts.flatMap((text) => text.split("\n").filter((line) => line.trim()).map(parseLine));
    if (!events.length) throw new Error("There is nothing in this file.");
    const first = events.find((event) => event.event === "sent");
    if (!first) throw new Error("No packet was sent in this trace.");
    events = events.filter((event) => event.download === first.download);
    events.sort((a, b) => a.time - b.time);
    const start = events[0].time;
    for (const event of events) event.at = (event.time - start) * 1000; // milliseconds
    const sides = new Set(events.map((event) => event.side));
    const flights = pair(events, sides);
    return { events, flights, end: events[events.length - 1].at + 1, sides, highest: highestNumber(events) };
  }

  function parseLine(line) {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      throw new Error(`This is not a trace: a line is not JSON: ${line.slice(0, 60)}`);
    }
    if (typeof event.time !== "number" || !event.event || !event.side) {
      throw new Error(`This is not a trace: a line lacks time, side or event: ${line.slice(0, 60)}`);
    }
    return event;
  }

  function highestNumber(events) {
    const numbers = events.filter((e) => e.kind === "DATA" || e.kind === "FIN").map((e) => e.number);
    return Math.max(0, ...numbers);
  }

  /** Find out which sending belongs to which arrival. What never arrived was lost on the way. */
  function pair(events, sides) {
    const flights = [];
    const waiting = new Map();
    const quickest = shortestTrip(events);
    for (const event of events) {
      if (event.event !== "sent" && event.event !== "received") continue;
      const from = event.event === "sent" ? event.side : other(event.side);
      const key = [from, event.kind, event.number, JSON.stringify(event.ranges || [])].join();
      if (event.event === "sent") {
        const flight = { from, kind: event.kind, number: event.number, ranges: event.ranges || [],
          why: event.why || "", sent: event.at, arrived: null, how: "" };
        flights.push(flight);
        waiting.set(key, [...(waiting.get(key) || []), flight]);
      } else {
        arrive(event, from, waiting.get(key) || [], quickest, flights);
      }
    }
    if (sides.size < 2) assumeArrivals(flights, events);
    return flights;
  }

  function other(side) {
    return side === "server" ? "client" : "server";
  }

  /** The latest sending that can have arrived by now; a lost packet and its repetition look alike. */
  function arrive(event, from, candidates, quickest, flights) {
    const possible = candidates.filter((f) => f.arrived === null && f.sent <= event.at - 0.8 * quickest);
    const flight = possible[possible.length - 1] || candidates[candidates.length - 1];
    if (flight && flight.arrived === null) {
      flight.arrived = event.at;
      flight.how = event.why || "";
    } else if (flight) { // the network has doubled it
      flights.push({ ...flight, arrived: event.at, how: event.why || "", twin: true });
    }
  }

  function shortestTrip(events) {
    const sent = new Map();
    let shortest = Infinity;
    for (const event of events) {
      const key = `${event.kind},${event.number}`;
      if (event.event === "sent" && event.side === "server") sent.set(key, event.at);
      if (event.event === "received" && event.side === "client" && sent.has(key)) {
        shortest = Math.min(shortest, event.at - sent.get(key));
      }
    }
    return Number.isFinite(shortest) ? shortest : 0;
  }

  /** How much time to show: some round trips, and not too many arrows at once. */
  function comfortableSpan(trace) {
    const trips = trace.flights.filter((f) => f.arrived !== null).map((f) => f.arrived - f.sent);
    const middle = trips.sort((a, b) => a - b)[trips.length >> 1] || 10;
    const wanted = Math.max(4 * middle, (60 * trace.end) / trace.flights.length);
    return SPANS.find((span) => span >= wanted) || SPANS[SPANS.length - 1];
  }

  /** With one side's trace only, the other end of each arrow is a guess: half a round trip away. */
  function assumeArrivals(flights, events) {
    const trips = events.filter((e) => e.event === "window" && e.rtt).map((e) => e.rtt * 500);
    const half = trips.length ? Math.min(...trips) : 10;
    for (const flight of flights) {
      flight.assumed = true;
      flight.arrived = flight.sent + half;
    }
  }

  function describe(event) {
    const what = event.kind ? `${event.kind} ${event.number}` : "";
    const ranges = event.ranges && event.ranges.length
      ? ` and ${event.ranges.map(([a, b]) => (b - a === 1 ? a : `${a} to ${b - 1}`)).join(", ")}` : "";
    const why = event.why ? ` (${event.why})` : "";
    switch (event.event) {
      case "sent": return event.kind === "ACK"
        ? `${event.side} sends ACK: all below ${event.number}${ranges}`
        : `${event.side} sends ${what}${why}`;
      case "received": return event.kind === "ACK"
        ? `${event.side} receives ACK: all below ${event.number}${ranges}`
        : `${event.side} receives ${what}${why}`;
      case "lost": return `server takes packet ${event.number} for lost${why}`;
      case "ignored": return `${event.side} ignores a datagram${why}`;
      case "window": return `window ${event.window}, in flight ${event.in_flight}`
        + (event.rtt ? `, round trip ${(event.rtt * 1000).toFixed(0)} ms` : "");
      default: return event.event;
    }
  }

  function describeFlight(flight) {
    const times = flight.arrived === null
      ? `sent at ${flight.sent.toFixed(1)} ms, lost on the way`
      : `sent at ${flight.sent.toFixed(1)} ms, there at ${flight.arrived.toFixed(1)} ms`
        + (flight.assumed ? " (assumed)" : "");
    const ranges = flight.ranges.map(([a, b]) => (b - a === 1 ? `${a}` : `${a}–${b - 1}`)).join(", ");
    const what = flight.kind === "ACK"
      ? `ACK: all below ${flight.number}${ranges ? `, and ${ranges}` : ""}` : `${flight.kind} ${flight.number}`;
    const notes = [flight.why, flight.how, flight.twin ? "doubled on the way" : ""].filter(Boolean);
    return `${what} from the ${flight.from}; ${times}${notes.length ? ` (${notes.join(", ")})` : ""}`;
  }

  return { SPANS, readTrace, comfortableSpan, describe, describeFlight };
})();
