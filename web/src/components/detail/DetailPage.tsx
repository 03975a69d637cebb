import type { Client } from '../../api/client';
import type { DetailRoute } from '../../state/route';

export function DetailPage({ route }: { client: Client; route: DetailRoute }) {
  return <div class="page">{route.domain}</div>;
}
