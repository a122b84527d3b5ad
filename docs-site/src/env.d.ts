/// <reference types="astro/client" />
// Starlight declares its part of Astro.locals in a file that it does not export.
import '../../node_modules/@astrojs/starlight/dist/global.d.ts';
