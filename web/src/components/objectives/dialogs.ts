/** The dialogs of objectives and excluded times, and the statement of a month: loaded when somebody opens one. */
export { ExclusionsDialog } from '../exclusions/ExclusionsDialog';
export { StatementPage } from '../statement/StatementPage';
export { ObjectivesDialog } from './ObjectivesDialog';
export { ProposalsDialog } from './ProposalsDialog';
