/** The dialogs of objectives: what is loaded only when somebody opens one. */
export { ObjectivesDialog } from './ObjectivesDialog';
export { ProposalsDialog } from './ProposalsDialog';
