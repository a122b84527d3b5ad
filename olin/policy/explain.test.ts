import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallError } from '../errors.ts';
import { nodePlatform } from '../platform/node.ts';
import { Process } from '../run/process.ts';
import { GuestStop } from '../run/report/ending.ts';
import { explainPolicy } from './explain.ts';
import { openUrl } from './opening.ts';
import { DEFAULT_POLICY, parsePolicy, type Policy } from './policy.ts';

const strict = parsePolicy(
  'allow (\n  ^https://a\\.example/\n  ^null://\n)\ndisallow ^https://a\\.example/admin',
);

test('the explanation names the decision of a run about a URL, and the line that decides', () => {
  const expected = [
    ['https://a.example/x', true, 2, /^Allowed by allow \^https.* \(line 2\)\.$/],
    ['HTTPS://a.example/x', true, 2, /line 2/],
    ['https://a.example/admin', false, 5, /^Refused by disallow .* \(line 5\)\.$/],
    [
      'https://a.example/x/../admin',
      false,
      5,
      /the request would go to https:\/\/a\.example\/admin$/,
    ],
    // The opened URL lacks the slash that the list requires.
    ['https://a.example', false, undefined, /^Refused by the allow list/],
    ['random://', false, undefined, /allow list/],
  ] as const;
  for (const [url, allowed, line, why] of expected) {
    const explained = explainPolicy(strict, url);
    assert.deepEqual([explained.allowed, explained.rule?.line], [allowed, line], url);
    assert.match(explained.why, why);
  }
  assert.match(explainPolicy(DEFAULT_POLICY, 'https://b').why, /no allow list/);
});

test('a URL that the policy allows but no run can open is not reported as allowed', () => {
  const expected = [
    ['gopher://b', /one of file:\/\/, http:\/\/, https:\/\//],
    ['https://user@b/', /cannot be opened: it is malformed: The URL contains a user name\./],
    ['http://b:port/', /is not a host/],
  ] as const;
  for (const [url, why] of expected) {
    const explained = explainPolicy(DEFAULT_POLICY, url);
    assert.equal(explained.allowed, false, url);
    assert.match(explained.why, why);
  }
});

test('the explanation allows a URL exactly if a run may open it and request its path', async () => {
  const policies = [
    DEFAULT_POLICY,
    strict,
    parsePolicy('disallow ^https://A\\.example'),
    parsePolicy('disallow /admin$'),
  ];
  const urls = [
    'https://a.example/',
    'https://a.example',
    'HTTPS://A.example/x',
    'https://A.EXAMPLE/admin',
    'https://a.example/x/../admin',
    'https://a.example/%2e/admin?q',
    'https://a.example?q',
    'https://a.example/#admin',
    'https://a.example:443/x',
    'https://user@a.example/',
    'https://a example/',
    'NULL://',
    'gopher://a',
    'a.example',
  ];
  for (const policy of policies) {
    for (const url of urls) {
      assert.equal(
        explainPolicy(policy, url).allowed,
        await opens(policy, url),
        `${url} by ${policy.text}`,
      );
    }
  }
});

/** Opens a URL as a guest does and, if it is an HTTP URL, requests its path. Returns whether that is allowed. */
async function opens(policy: Policy, url: string): Promise<boolean> {
  const fetch = async (): Promise<Response> => new Response(null, { status: 204 });
  const process = new Process({ platform: { ...nodePlatform, fetch }, policy });
  try {
    const resource = process.descriptor(await openUrl(process, url));
    const [, path] = /^https?:\/\/[^/?#]*([^#]*)/i.exec(url) ?? [];
    if (path !== undefined) {
      const target = path.startsWith('/') ? path : `/${path}`;
      await resource.write(new TextEncoder().encode(`GET ${target} HTTP/1.1\r\n\r\n`));
      await resource.flush();
    }
    return true;
  } catch (error) {
    if (error instanceof GuestStop && error.code === 'policy') return false;
    if (error instanceof CallError && error.error === 'InvalidArgument') return false;
    throw error;
  } finally {
    await process.dispose();
  }
}
