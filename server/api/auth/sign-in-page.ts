/** The local issuer's one page. It has no script, and repeats nothing that was typed. */

/** @param message what was wrong, in plain text of ours */
export function signInPage(message = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Trisiel on this machine</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f6f6f8, #17181c); color: light-dark(#17181c, #ededf0); }
main { box-sizing: border-box; width: min(24rem, calc(100vw - 2rem)); padding: 2rem; border-radius: 0.75rem; background: light-dark(#fff, #202228); box-shadow: 0 1px 3px #0003; }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; }
p { margin: 0 0 1.25rem; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
input, button { box-sizing: border-box; width: 100%; padding: 0.625rem 0.75rem; font: inherit; border-radius: 0.5rem; }
input { border: 1px solid light-dark(#8a8d98, #6d707c); background: transparent; color: inherit; }
button { margin-top: 1rem; border: 0; background: #b93c18; color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #f0603a; outline-offset: 2px; }
[role=alert] { color: light-dark(#b3261e, #ff9d8f); }
</style>
</head>
<body>
<main>
<h1>Sign in on this machine</h1>
<p>Choose any name. <strong>admin</strong> is an administrator, and may deploy at once. There is no password: this page answers on your own machine alone.</p>
${message === '' ? '' : `<p role="alert">${message}</p>`}
<form method="post">
<label for="name">Name</label>
<input id="name" name="name" required maxlength="39" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus>
<button>Sign in</button>
</form>
</main>
</body>
</html>
`;
}
