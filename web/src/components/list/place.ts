/** The position in the list of a cluster, restored when the user goes back. */

export interface Place {
  activeKey: string | null;
  scrollY: number;
}

const places = new Map<string, Place>();

export function placeIn(cluster: string): Place | null {
  return places.get(cluster) ?? null;
}

export function remember(cluster: string, place: Place): void {
  places.set(cluster, place);
}
