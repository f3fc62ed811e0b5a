// Discord's client offers commands, options and choices while a person types.
(() => {
  const input = document.querySelector('[data-offers]');
  const list = document.getElementById('offers');
  if (!input || !list) return;
  let all = [];
  let at = -1;
  let asked = 0;
  let timer;

  const mark = () => {
    [...list.children].forEach((item, index) => item.setAttribute('aria-selected', String(index === at)));
    if (at < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `offer-${at}`);
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const show = (offers) => {
    all = offers;
    at = -1;
    list.replaceChildren(...all.map((offer, index) => {
      const item = document.createElement('li');
      item.id = `offer-${index}`;
      item.setAttribute('role', 'option');
      const name = document.createElement('b');
      name.textContent = offer.name;
      const hint = document.createElement('span');
      hint.textContent = offer.hint;
      item.append(name, hint);
      // Before the field loses its focus.
      item.addEventListener('mousedown', (event) => { event.preventDefault(); take(index); });
      return item;
    }));
    list.hidden = all.length === 0;
    input.setAttribute('aria-expanded', String(all.length > 0));
    mark();
  };
  const ask = async () => {
    const number = ++asked;
    if (!input.value.startsWith('/')) { show([]); return; }
    const answer = await fetch('/offers', { method: 'POST', body: new URLSearchParams(new FormData(input.form)) }).catch(() => null);
    const offers = answer?.ok ? await answer.json() : [];
    if (number === asked && document.activeElement === input) show(offers);
  };
  const take = (index) => {
    input.value = all[index].line;
    show([]);
    ask();
  };

  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener('blur', () => show([]));
  input.form.addEventListener('submit', () => { clearTimeout(timer); asked += 1; show([]); });
  input.addEventListener('keydown', (event) => {
    if (list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = (at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length;
      mark();
    } else if (event.key === 'Escape') {
      show([]);
    } else if ((event.key === 'Tab' && !event.shiftKey) || (event.key === 'Enter' && at >= 0)) {
      event.preventDefault();
      take(Math.max(at, 0));
    }
  });
})();
