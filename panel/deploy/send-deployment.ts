/** Sends a deployment, module included, in one request. The server applies all of it or nothing. */
import { take, type DeploymentResult, type DeploymentForm } from '../../client/index.ts';
import { api } from '../api.ts';
import { uploadWith, type UploadProgress } from './upload.ts';

export interface Sending {
  readonly deployment: DeploymentForm;
  readonly module: Blob;
  /** Idempotency key: a retry with the same key creates no second version. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UploadProgress) => void;
}

export function sendDeployment(sending: Sending): Promise<DeploymentResult> {
  const { deployment, module, key, signal, onProgress } = sending;
  const form = new FormData();
  form.append('deployment', JSON.stringify(deployment));
  form.append('module', module, 'module.wasm');
  return take(
    api.POST('/api/deployments', {
      params: { header: { 'idempotency-key': key } },
      body: { deployment },
      bodySerializer: () => form,
      fetch: uploadWith(onProgress),
      signal,
    }),
  );
}
