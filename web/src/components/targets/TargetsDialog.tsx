import type { Client } from '../../api/client';
import type { DomainDetail } from '../../api/types';
import type { DetailRoute } from '../../state/route';
export function TargetsDialog(_: { client: Client; route: DetailRoute; domain: DomainDetail; onClose: () => void }) {
  return null;
}
