/**
 * What the way to a peer adds to a wait. It is measured by connects, the shortest of which is it: a packet that is lost, or a moment in which this
 * machine was busy, only makes one longer. The peer's own time is the same at any distance, so a wait is that and the way, never a multiple of both.
 */

/** Silence after which the next thing is tried: the way there and back, as much again for jitter, and what a busy server may take, ms. */
export const patience = (rttMs: number) => Math.min(Math.max(2 * rttMs + 100, 150), 1000);

/**
 * The way there and back, ms, where one packet is lost and sent again: a sender that knows the way from one measurement repeats after three round
 * trips (RFC 6298, section 2.2).
 */
export const lossyWay = (rttMs: number) => 4 * rttMs;
