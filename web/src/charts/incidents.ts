/** Where incidents were on a strip of time. */
import type { IncidentAnswer } from '../api/types';

/** How much of the strip an incident takes at least. */
const LEAST_SHARE = 0.02;

export interface Place {
  incident: IncidentAnswer;
  /** Unix seconds, within the window. */
  from: number;
  to: number;
  /** Those that overlap are in lanes of their own, from 0. */
  lane: number;
}

/** The incidents that went on within a window, in Unix seconds; the earliest first. */
export function placesOf(incidents: readonly IncidentAnswer[], window: { from: number; to: number }): Place[] {
  const places = incidents
    .map((incident) => ({
      incident,
      from: Math.max(window.from, Date.parse(incident.since) / 1000),
      to: incident.resolved_at === null ? window.to : Math.min(window.to, Date.parse(incident.resolved_at) / 1000),
    }))
    .filter(({ from, to }) => from <= to && to >= window.from && from <= window.to)
    .sort((a, b) => a.from - b.from);
  const ends: number[] = [];
  return places.map((place) => {
    const free = ends.findIndex((end) => end < place.from);
    const lane = free < 0 ? ends.length : free;
    // A short one is drawn wider than it is.
    ends[lane] = Math.max(place.to, place.from + (window.to - window.from) * LEAST_SHARE);
    return { ...place, lane };
  });
}

/** The incident that went on at a time, in Unix seconds; the latest of several. */
export function incidentAt(incidents: readonly IncidentAnswer[], at: number): IncidentAnswer | null {
  return placesOf(incidents, { from: at, to: at }).at(-1)?.incident ?? null;
}
