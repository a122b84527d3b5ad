/** Every subcommand of `trisiel` that uses a server, against a real one. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { field, textField } from '../setup/servers/api-server.ts';
import { buildGuest, deploy, firstOf, newAuthor, put, startServer } from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

suite('the command', () => {
  const databases = onAnyDatabase();

  test('against a live server', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const ada = await newAuthor(t, server, 'ada');

    await t.test('a handler is deployed, called, rolled back, deleted and restored', async () => {
      assert.equal(field(await ada.json(['whoami']), 'username'), 'ada');
      assert.match(await ada.must(['list']), /no handlers yet/);

      const made = await deploy(ada, 'greeter', 'hello\\n', '--note', 'the first');
      assert.equal(field(made, 'created'), true);
      assert.equal(field(field(made, 'answer'), 'httpStatus'), 200);
      assert.equal(field(made, 'curl'), `curl ${server.runOrigin}/run/greeter/`);
      const called = await ada.run(['invoke', 'greeter']);
      assert.deepEqual([called.code, called.stdout], [0, 'hello\n']);
      assert.match(called.stderr, /^HTTP 200 OK\n[\d,]+ gas, .* [µm]s, trisiel execution \S+\n$/);

      assert.equal(field(await deploy(ada, 'greeter', 'hello\\n'), 'uploaded'), false);
      const second = await deploy(ada, 'greeter', 'good day\\n', '--description', 'Greets.');
      assert.equal(field(field(second, 'version'), 'number'), 2);
      assert.equal((await ada.run(['invoke', 'greeter'])).stdout, 'good day\n');
      assert.match(await ada.must(['versions', 'greeter']), /^\*\s+2 .*\n\s+1 .*the first/m);

      const back = await ada.json(['rollback', 'greeter']);
      assert.equal(field(field(back, 'version'), 'number'), 1);
      assert.equal((await ada.run(['invoke', 'greeter'])).stdout, 'hello\n');
      assert.match(await ada.must(['rollback', 'greeter', '--to', '2']), /Go back: .* --to 1/);
      assert.match(await ada.must(['show', 'greeter']), /Greets\.[^]*Version +2,[^]*curl http/);
      assert.match(await ada.must(['list']), /greeter +2 +sync/);

      const asked = await ada.run(['delete', 'greeter']);
      assert.equal(asked.code, 2);
      assert.match(asked.stderr, /Pass --yes/);
      assert.match(await ada.must(['delete', 'greeter', '--yes']), /trisiel restore /);
      assert.equal((await ada.run(['invoke', 'greeter'])).code, 4);
      assert.match(await ada.must(['list', '--deleted']), /greeter/);
      assert.match(await ada.must(['restore', 'greeter']), /Restored greeter/);
      assert.equal((await ada.run(['invoke', 'greeter'])).stdout, 'good day\n');

      const unasked = await ada.run(['versions', 'greeter', '--delete', '1']);
      assert.match(unasked.stderr, /Pass --yes/);
      const active = await ada.run(['versions', 'greeter', '--delete', '2', '--yes']);
      assert.deepEqual([active.code, /is active/.test(active.stderr)], [5, true]);
      const gone = await ada.json(['versions', 'greeter', '--delete', '1', '--yes']);
      assert.equal(field(gone, 'number'), 1);
      // A rollback requires an earlier version.
      const nothing = await ada.run(['rollback', 'greeter']);
      assert.deepEqual([nothing.code, /No other version/.test(nothing.stderr)], [4, true]);
    });

    await t.test('trisiel.toml determines what is deployed', async () => {
      const project = await newAuthor(t, server, 'project');
      await put(
        project,
        'main.wasm',
        await buildGuest(
          '(call $show "Content-Type: text/plain\\n\\n") (call $show (call $env_get "COLOUR" #64 #512))'.replace(
            '(call $show (call $env_get',
            '(call $show #64 (call $env_get',
          ),
        ),
      );
      await put(project, 'allow.policy', 'allow (\n  ^https://example\\.com/\n)\n');
      await put(
        project,
        'trisiel.toml',
        'name = "painter"\ndescription = "Paints."\nmodule = "main.wasm"\nprivate = true\npolicy = "allow.policy"\n\n[config]\nCOLOUR = { env = "PAINT" }\n',
      );
      const unset = await project.run(['deploy', '--no-build']);
      assert.equal(unset.code, 2);
      assert.match(unset.stderr, /config\.COLOUR .* PAINT, which is not set/);
      const env = { PAINT: 'a-secret-green' };
      const ran = await project.run(['deploy', '--no-build'], { env });
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /curl -H "Authorization: Bearer \$TRISIEL_TOKEN" http/);
      assert.doesNotMatch(ran.stdout + ran.stderr, /a-secret-green/);
      // In the folder of the project, commands need no name, and a private handler is called with the token.
      assert.equal((await project.run(['invoke'])).stdout, 'a-secret-green');
      assert.match(await project.must(['show']), /Paints\.[^]*sync, private[^]*COLOUR[^]*example/);
      assert.match(await project.must(['policy', 'show']), /^allow \(/);
      assert.equal((await fetch(`${server.runOrigin}/run/painter/`)).status, 404);
      const stranger = await newAuthor(t, server, 'mallory');
      assert.equal((await stranger.run(['invoke', 'painter'])).code, 4);
    });

    await t.test('configuration values are set in every way and never printed', async () => {
      const secret = 'hunter2-hunter2';
      await put(ada, '.env', `# of the shop\nAPI_KEY="${secret}"\nexport REGION=eu\n`);
      const ways = [
        await ada.run(['config', 'set', 'greeter', `PLAIN=${secret}`, 'EMPTY=', '--json']),
        await ada.run(['config', 'set', 'greeter', '--env-file', join(ada.home, '.env')]),
        await ada.run(['config', 'set', 'greeter', '-'], { stdin: `PIPED=${secret}\n` }),
        await ada.run(['config', 'list', 'greeter', '--json']),
      ];
      for (const { code, stdout, stderr } of ways) {
        assert.equal(code, 0, stderr);
        assert.doesNotMatch(stdout + stderr, /hunter2/);
      }
      assert.match(
        await ada.must(['config', 'list', 'greeter']),
        /API_KEY[^]*EMPTY[^]*PIPED[^]*PLAIN[^]*REGION/,
      );
      // A file with an error sets nothing, and the error says where it is.
      await put(ada, 'bad.env', `GOOD=1\nPASSWORD="${secret}\n`);
      const bad = await ada.run(['config', 'set', 'greeter', '--env-file', 'bad.env']);
      assert.equal(bad.code, 2);
      assert.match(bad.stderr, /bad\.env, line 2, column 10: .* PASSWORD has no closing "/);
      assert.doesNotMatch(bad.stderr, /hunter2/);
      assert.doesNotMatch(await ada.must(['config', 'list', 'greeter']), /GOOD/);
      const wrong = await ada.run(['config', 'set', 'greeter', `no key ${secret}`]);
      assert.equal(wrong.code, 2);
      assert.doesNotMatch(wrong.stderr, /hunter2/);
      assert.match(
        (await ada.run(['config', 'set', 'greeter', 'API_KEY'])).stderr,
        /needs an interactive terminal/,
      );
      await ada.must(['config', 'unset', 'greeter', 'API_KEY', 'EMPTY', 'PIPED', 'PLAIN']);
      assert.equal(field(firstOf(await ada.json(['config', 'list', 'greeter'])), 'key'), 'REGION');
    });

    await t.test(
      'a policy is checked locally and on the server, set, shown and removed',
      async () => {
        const good = await put(ada, 'good.policy', 'disallow ^file://\ngas-limit 1000\n');
        const bad = await put(ada, 'bad.policy', 'gas-limit 10\nallow (\n  ^https://(\n)\n');
        assert.match(await ada.must(['policy', 'check', good]), /Gas +1,000 instructions/);
        const asked = await ada.run(
          ['policy', 'check', good, '--json', '--url', 'https://a.example/', '-u', 'file:///x'],
          // Checked locally: no server listens there.
          { env: { TRISIEL_SERVER: 'http://127.0.0.1:9' } },
        );
        assert.equal(asked.code, 5, 'the exit status says that a URL is refused');
        const urls = field(JSON.parse(asked.stdout), 'urls');
        assert.deepEqual(JSON.parse(JSON.stringify(urls)), [
          {
            url: 'https://a.example/',
            allowed: true,
            line: null,
            expression: null,
            why: 'Allowed: no line refuses it, and there is no allow list.',
          },
          {
            url: 'file:///x',
            allowed: false,
            line: 1,
            expression: '^file://',
            why: 'Refused by disallow ^file:// (line 1).',
          },
        ]);
        const open = await ada.must(['policy', 'check', good, '--url', 'https://a.example/']);
        assert.match(open, /yes +https:\/\/a\.example\/\n +Allowed/);
        const refused = await ada.run(['policy', 'set', 'greeter', '--file', bad]);
        assert.equal(refused.code, 5);
        assert.match(refused.stderr, /bad\.policy: Line 3, column 3/);
        await ada.must(['policy', 'set', 'greeter', '--file', good]);
        assert.equal(
          await ada.must(['policy', 'show', 'greeter']),
          'disallow ^file://\ngas-limit 1000\n',
        );
        await ada.must(['policy', 'set', 'greeter', '--none']);
        assert.equal(field(await ada.json(['policy', 'show', 'greeter']), 'policy'), null);
      },
    );

    await t.test(
      'the logs list an execution with its trap, and it is shown completely',
      async () => {
        const path = await put(
          ada,
          'faulty.wasm',
          await buildGuest('(call $log_write #1 "about to \\1b[31mfail") unreachable'),
        );
        const deployed = await ada.run(['deploy', path, '--name', 'faulty']);
        assert.equal(deployed.code, 7);
        const id = /trisiel execution (\S+)/.exec(deployed.stderr)?.[1] ?? '';
        const called = await ada.run(['invoke', 'faulty', '--json']);
        assert.equal(called.code, 7);
        assert.equal(field(JSON.parse(called.stdout), 'status'), 502);
        // Control characters that a guest logs are escaped for the terminal.
        assert.match(
          await ada.must(['logs', 'faulty', '--grep', 'about']),
          /\[error\] about to \^\[\[31mfail/,
        );
        assert.match(await ada.must(['logs', 'faulty', '--since', '1h']), /unreachable/);
        assert.equal(
          await ada.must(['logs', 'faulty', '--since', '2020-01-01', '--grep', 'zebra']),
          '',
        );
        assert.match(
          await ada.must(['executions', 'faulty', '--status', 'stopped']),
          /stopped +502/,
        );
        assert.match(await ada.must(['execution', id]), /Trap\n.*unreachable[^]*Bill\n.*Gas/);
        const page = await ada.json(['executions', 'faulty', '--limit', '1']);
        const next = textField(page, 'next');
        assert.equal(textField(firstOf(field(page, 'items')), 'handler'), 'faulty');
        await ada.json(['executions', 'faulty', '--limit', '1', '--cursor', next]);
      },
    );

    await t.test('the log is followed until Ctrl-C', async () => {
      const interrupt = new AbortController();
      const seen = Promise.withResolvers<void>();
      const following = ada.run(['logs', 'greeter', '--follow', '--limit', '0', '--json'], {
        signal: interrupt.signal,
        onOutput: () => seen.resolve(),
      });
      // The tail may begin after the first of these calls.
      const calls = setInterval(() => void fetch(`${server.runOrigin}/run/greeter/followed`), 200);
      await seen.promise;
      clearInterval(calls);
      interrupt.abort();
      const { code, stdout } = await following;
      assert.equal(code, 130);
      assert.match(textField(JSON.parse(stdout.split('\n')[0] ?? ''), 'path'), /followed/);
    });

    await t.test('invoke sends the request as given', async () => {
      const echo = await buildGuest(
        `(call $show "Content-Type: text/plain\\n\\n")
         (call $show #64 (call $env_get "REQUEST_METHOD" #64 #512)) (call $show " ")
         (call $show #64 (call $env_get "PATH_INFO" #64 #512)) (call $show "?")
         (call $show #64 (call $env_get "QUERY_STRING" #64 #512)) (call $show " ")
         (call $show #64 (call $env_get "HTTP_X_MINE" #64 #512)) (call $show " ")
         (call $show #64 (call $resource_read (call $io_get_stdin) #64 #512))`,
      );
      await ada.must(['deploy', await put(ada, 'echo.wasm', echo), '--name', 'echo', '--no-wait']);
      const request = ['invoke', 'echo', '--path', '/a?b=c', '-H', 'X-Mine: yes'];
      const body = await put(ada, 'body.txt', 'from a file');
      const sent = [
        [[...request, '-d', 'text'], 'POST /a?b=c yes text'],
        [[...request, '-X', 'put', '-d', `@${body}`], 'PUT /a?b=c yes from a file'],
      ] as const;
      for (const [argv, answer] of sent) assert.equal((await ada.run(argv)).stdout, answer);
      const piped = await ada.run([...request, '-d', '-'], { stdin: 'piped in' });
      assert.equal(piped.stdout, 'POST /a?b=c yes piped in');
      assert.equal((await ada.run(['invoke', 'echo', '--path', '//evil.example/'])).code, 0);
      assert.equal((await ada.run(['invoke', 'echo', '--path', '../greeter'])).code, 2);
      assert.equal((await ada.run(['invoke', 'echo', '--path', '/../greeter'])).code, 2);
      assert.equal((await ada.run(['invoke', 'echo', '-H', 'no colon'])).code, 2);
    });

    await t.test(
      'deploy also checks the answer of an asynchronous handler and a long response',
      async () => {
        const later = await deploy(ada, 'later', 'hello', '--mode', 'async');
        assert.deepEqual(field(later, 'answer'), {
          httpStatus: 202,
          executionId: null,
          status: null,
        });
        const long = await buildGuest(
          `(call $show "Content-Type: text/plain\\n\\n") (local.set $a #40)
         (loop $more (drop (call $resource_write (call $io_get_stdout) #0 #60000))
           (br_if $more (local.tee $a (i32.sub (local.get $a) #1))))`,
        );
        const path = await put(ada, 'long.wasm', long);
        const deployed = await ada.json(['deploy', path, '--name', 'long']);
        assert.equal(field(field(deployed, 'answer'), 'httpStatus'), 200);
      },
    );
  });
});
