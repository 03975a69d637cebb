/** The dialogs of objectives and of times that do not count: what is loaded only when somebody opens one. */
export { ExclusionsDialog } from '../exclusions/ExclusionsDialog';
export { ObjectivesDialog } from './ObjectivesDialog';
export { ProposalsDialog } from './ProposalsDialog';
