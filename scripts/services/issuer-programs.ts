/**
 * The OpenID Connect issuers with which the tests sign in. Run as a program, this file builds them. `.ci/run` does so
 * before the tests, because building Gitea takes minutes.
 */
import { buildOnce, type GoProgram } from './go-program.ts';
import { say } from '../paths.ts';

export const GITEA: GoProgram = {
  name: 'gitea',
  module: 'code.gitea.io/gitea',
  version: 'v1.26.0',
  package: 'code.gitea.io/gitea',
  tags: 'sqlite sqlite_unlock_notify',
  cgo: true,
  folders: ['templates', 'options', 'public'],
  replaces: [
    'github.com/jaytaylor/html2text => github.com/Necoro/html2text v0.0.0-20250804200300-7bf1ce1c7347',
    'github.com/nektos/act => gitea.com/gitea/act v0.261.10',
    'github.com/urfave/cli/v3 => github.com/urfave/cli/v3 v3.4.1',
    'go.yaml.in/yaml/v4 => go.yaml.in/yaml/v4 v4.0.0-rc.3',
    'github.com/Azure/azure-sdk-for-go/sdk/azcore => github.com/Azure/azure-sdk-for-go/sdk/azcore v1.19.0',
    'github.com/Azure/azure-sdk-for-go/sdk/storage/azblob => github.com/Azure/azure-sdk-for-go/sdk/storage/azblob v1.6.2',
    'github.com/microsoft/go-mssqldb => github.com/microsoft/go-mssqldb v1.9.7',
  ],
};

/** A commit after 2.30: the module proxy has no later tag. */
export const DEX: GoProgram = {
  name: 'dex',
  module: 'github.com/dexidp/dex',
  version: 'v0.0.0-20210917061239-f0186ff2651e',
  package: 'github.com/dexidp/dex/cmd/dex',
  // Dex's SQLite storage needs cgo and cannot be excluded, although the tests do not use it.
  cgo: true,
};

if (import.meta.main) {
  for (const program of [DEX, GITEA]) {
    const reason = await buildOnce(program);
    if (reason !== undefined) say(reason);
  }
}
