import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { headersOf } from './request.ts';
import { plantsSession, withoutSession } from './session-cookie.ts';

suite('the session of the web origin', () => {
  test('is hidden from handlers, and other cookies are not', () => {
    const headers = [
      'Host',
      'a',
      'Cookie',
      'a=1; trisiel_session=secret; b=2',
      'COOKIE',
      '__Host-trisiel_session=secret',
    ];
    assert.deepEqual(
      [...headersOf(headers)],
      [
        ['Host', 'a'],
        ['Cookie', 'a=1; b=2'],
      ],
    );
    assert.equal(withoutSession('trisiel_session=secret'), undefined);
    assert.equal(withoutSession('trisiel_session = secret;x=1'), 'x=1');
    assert.equal(withoutSession('my_trisiel_session=1'), 'my_trisiel_session=1');
  });

  test('cannot be set by a handler', () => {
    assert.equal(plantsSession('trisiel_session=mine; Path=/'), true);
    assert.equal(plantsSession(' trisiel_session =mine'), true);
    assert.equal(plantsSession('__Host-trisiel_session=mine; Secure'), true);
    assert.equal(plantsSession('=trisiel_session=mine'), true);
    assert.equal(plantsSession(' = =trisiel_session=mine'), true);
    assert.equal(plantsSession('trisiel_sign_in_abc=mine; Path=/login'), true);
    assert.equal(plantsSession('__Host-trisiel_sign_in_abc=mine; Secure; Path=/'), true);
    assert.equal(withoutSession('trisiel_sign_in_abc=x; a=1'), 'a=1');
    assert.equal(plantsSession('colour=trisiel_session'), false);
  });
});
