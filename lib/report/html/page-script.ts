/**
 * The page's only script: the theme button, and clips that play while they are in view. The page is complete without it. Its
 * digest stands in the page's content security policy, so that no other script runs.
 */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const root = document.documentElement;
  const themeButton = document.querySelector('[data-theme-button]');
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : systemDark.matches);
  const nameTheme = () => { themeButton.textContent = isDark() ? 'Light' : 'Dark'; themeButton.setAttribute('aria-label', 'Switch to ' + (isDark() ? 'light' : 'dark') + ' colours'); };
  themeButton.hidden = false;
  themeButton.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; nameTheme(); });
  systemDark.addEventListener('change', nameTheme);
  nameTheme();

  const clips = [...document.querySelectorAll('video')];
  const clipButton = document.querySelector('[data-clips]');
  if (clips.length === 0 || !clipButton) return;
  const inView = new Set();
  let playing = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  const play = (clip) => clip.play().catch(() => undefined);
  const apply = () => {
    clipButton.textContent = playing ? 'Pause clips' : 'Play clips';
    for (const clip of clips) { if (playing && inView.has(clip)) play(clip); else clip.pause(); }
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) { inView.add(target); if (playing) play(target); } else { inView.delete(target); target.pause(); }
    }
  });
  for (const clip of clips) {
    watcher.observe(clip);
    if (!clip.classList.contains('pixels')) continue;
    // Native controls would cover a clip this small: a click, Enter or the space bar plays and pauses it.
    clip.controls = false;
    clip.tabIndex = 0;
    const toggle = () => (clip.paused ? play(clip) : clip.pause());
    clip.addEventListener('click', toggle);
    clip.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); toggle(); } });
  }
  clipButton.hidden = false;
  clipButton.addEventListener('click', () => { playing = !playing; apply(); });
  apply();
})();
`;
