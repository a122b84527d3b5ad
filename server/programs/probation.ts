/** The program of a probation process: an executor for one owner's versions that are not trusted yet. */
import { activeRunsPath } from '../process/probation/ended-processes.ts';
import { createProbation } from '../executor/probation/service.ts';
import { openSealer } from '../sealer.ts';
import { openStore } from '../store/open.ts';
import { openExecutorDatabase } from './executor-database.ts';
import { ACTIVE_RUNS_FOLDER } from '../process/probation/probation-access.ts';
import { ignoreLoss, isMessage, supervisorOf } from '../process/supervisor/messages.ts';
import { PROBATION_OWNER, PROBATION_SOCKET } from '../process/probation/probation-process.ts';
import { readProcessSettings, runService } from './service.ts';

const { config } = readProcessSettings();
const db = openExecutorDatabase(config);
const service = createProbation({
  config,
  db,
  store: openStore(config, { isReadOnly: true }),
  sealer: await openSealer(config),
  ownerId: process.env[PROBATION_OWNER] ?? '',
  socketPath: process.env[PROBATION_SOCKET] ?? '',
  activeRunsPath: activeRunsPath(process.env[ACTIVE_RUNS_FOLDER] ?? '', process.pid),
  egress: { allowedUrls: [`${config.webOrigin}/greeting.json`] },
});
const supervisor = supervisorOf(process);
supervisor?.on('message', (message) => {
  if (!isMessage(message, 'trisiel-probation-idle')) return;
  supervisor.send({ ...message, idleMs: service.idleMs() }, ignoreLoss);
});
await service.open();
runService(config, {
  // Already open: a probation process reports that it listens only when it can run handlers.
  open: async () => undefined,
  async close() {
    await service.close();
    await db.close();
  },
});
