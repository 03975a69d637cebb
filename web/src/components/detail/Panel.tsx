import type { ComponentChildren } from 'preact';

interface Props {
  title: string;
  testId: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}

/** A section of the detail page with a heading. */
export function Panel({ title, testId, aside, children }: Props) {
  return (
    <section class="panel" aria-label={title} data-testid={testId}>
      <div class="panel-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function PanelSkeleton() {
  return <span class="bone bone-panel" aria-hidden="true" />;
}
