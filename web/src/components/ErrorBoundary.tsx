import { Component, type ComponentChildren } from 'preact';
import { Failure } from './Failure';

interface State {
  error: Error | null;
}

/** Catches rendering errors: the content is replaced, and the top bar stays usable. A new key renders again. */
export class ErrorBoundary extends Component<{ children: ComponentChildren }, State> {
  override state: State = { error: null };

  static override getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    return this.state.error ? <Failure error={this.state.error} /> : this.props.children;
  }
}
