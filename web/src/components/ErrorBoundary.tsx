import { Component, type ComponentChildren } from 'preact';
import { Failure } from './Failure';

interface State {
  error: Error | null;
}

/** A defect of the page costs its content, not the bar with the ways out. A new key tries again. */
export class ErrorBoundary extends Component<{ children: ComponentChildren }, State> {
  override state: State = { error: null };

  static override getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    return this.state.error ? <Failure error={this.state.error} /> : this.props.children;
  }
}
