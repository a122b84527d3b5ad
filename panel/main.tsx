/** Entry point of the panel. */
import { render } from 'preact';
import '../docs-site/src/styles/tokens.css';
import './styles/base.css';
import { App } from './app.tsx';

const root = document.getElementById('panel');
if (root !== null) render(<App />, root);
