// Swaps in what changed, and sends the forms without leaving the page.
(() => {
  const was = new WeakMap();
  const near = 60;
  const read = (el) => (el.dataset.keyed === undefined ? el.innerHTML : null);
  const note = (el) => {
    was.set(el, read(el));
    if (el.dataset.keyed !== undefined) for (const child of el.children) was.set(child, child.outerHTML);
  };

  // What a person has typed, chosen and unfolded in there, put back after the swap.
  const remember = (el) => {
    const active = document.activeElement;
    const focus = el.contains(active) ? [active.id, active.name, active.selectionStart] : null;
    const fields = [...el.querySelectorAll('input:not([type=hidden]), textarea, select')]
      .filter((field) => field.name && field.dataset.sends === undefined)
      .map((field) => [field.name, field.type, field.value, field.checked, field.defaultValue]);
    const open = [...el.querySelectorAll('details[open][id]')].map((part) => part.id);
    return () => {
      for (const [name, type, value, checked, initial] of fields) {
        const ticks = type === 'checkbox' || type === 'radio';
        const all = [...el.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
        const field = all.find((one) => one.type === type && (!ticks || one.value === value));
        if (!field) continue;
        if (ticks) field.checked = checked;
        else if (value !== initial) field.value = value;
      }
      for (const id of open) document.getElementById(id)?.setAttribute('open', '');
      if (!focus) return;
      const [id, name, caret] = focus;
      const field = (id && document.getElementById(id)) || (name && el.querySelector(`[name="${CSS.escape(name)}"]`));
      if (!field) return;
      field.focus({ preventScroll: true });
      try { if (caret != null) field.setSelectionRange(caret, caret); } catch { /* no caret in this kind */ }
    };
  };

  const swapList = (el, fresh) => {
    const old = new Map([...el.children].map((child) => [child.id, child]));
    let cursor = el.firstElementChild;
    for (const child of [...fresh.children]) {
      const html = child.outerHTML;
      const known = old.get(child.id);
      old.delete(child.id);
      if (known && was.get(known) === html) {
        if (known === cursor) cursor = cursor.nextElementSibling;
        else el.insertBefore(known, cursor);
        continue;
      }
      const made = document.adoptNode(child);
      was.set(made, html);
      if (known) {
        const restore = remember(known);
        if (known === cursor) cursor = cursor.nextElementSibling;
        known.replaceWith(made);
        restore();
      } else {
        el.insertBefore(made, cursor);
      }
    }
    for (const gone of old.values()) gone.remove();
  };

  const swap = (el, fresh) => {
    const atEnd = el.scrollHeight - el.scrollTop - el.clientHeight < near;
    if (el.dataset.keyed !== undefined) {
      swapList(el, fresh);
    } else if (was.get(el) !== fresh.innerHTML) {
      was.set(el, fresh.innerHTML);
      const top = el.scrollTop;
      const restore = remember(el);
      el.innerHTML = fresh.innerHTML;
      restore();
      el.scrollTop = top;
    }
    if (atEnd && el.dataset.follows !== undefined) el.scrollTop = el.scrollHeight;
  };

  const settle = () => {
    for (const dialog of document.querySelectorAll('dialog[data-modal]')) {
      if (dialog.dataset.shown) continue;
      dialog.dataset.shown = 'yes';
      dialog.close();
      dialog.showModal();
      dialog.querySelector('.field :is(input:not([type=hidden]), select, textarea)')?.focus();
      dialog.addEventListener('cancel', (event) => {
        event.preventDefault();
        dialog.querySelector('form[data-closes]')?.requestSubmit();
      });
    }
  };

  let running = false;
  let again = false;
  const refresh = async () => {
    if (running) { again = true; return; }
    running = true;
    try {
      const address = location.href;
      const answer = await fetch(address);
      const text = await answer.text();
      if (answer.ok && address === location.href) {
        const fresh = new DOMParser().parseFromString(text, 'text/html');
        for (const el of document.querySelectorAll('[data-fragment]')) {
          const match = fresh.querySelector(`[data-fragment="${CSS.escape(el.dataset.fragment)}"]`);
          if (match) swap(el, match);
        }
        settle();
        document.body.classList.remove('is-cut-off');
      }
    } catch {
      document.body.classList.add('is-cut-off');
    }
    running = false;
    if (again) { again = false; refresh(); }
  };

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (form.method !== 'post' || form.dataset.full !== undefined) return;
    event.preventDefault();
    form.closest('[popover]')?.hidePopover();
    const data = new FormData(form, event.submitter);
    if (form.dataset.clears !== undefined) form.reset();
    // Not form.action: a field of that name would hide it.
    await fetch(form.getAttribute('action'), { method: 'POST', body: new URLSearchParams(data), headers: { 'x-quiet': '1' } });
    refresh();
  });

  document.addEventListener('change', (event) => {
    if (event.target.dataset.sends !== undefined) event.target.form.requestSubmit();
  });

  // A picture that arrives late pushes the end out of sight of whoever stood there.
  const stands = new WeakMap();
  document.addEventListener('scroll', ({ target: el }) => {
    if (el.dataset?.follows !== undefined) stands.set(el, el.scrollHeight - el.scrollTop - el.clientHeight < near);
  }, true);
  document.addEventListener('load', ({ target: image }) => {
    const el = image.closest?.('[data-follows]');
    if (el && stands.get(el) !== false) el.scrollTop = el.scrollHeight;
  }, true);

  // The clock's hand moves on between two looks.
  setInterval(() => {
    const face = document.querySelector('[data-now]');
    if (!face) return;
    if (face.dataset.since === undefined) face.dataset.since = Date.now();
    const passed = (Date.now() - Number(face.dataset.since)) * Number(face.dataset.speed);
    const at = new Date(Number(face.dataset.now) + passed + Number(face.dataset.zone) * 1000);
    face.textContent = at.toISOString().slice(11, 16);
  }, 250);

  for (const el of document.querySelectorAll('[data-fragment]')) {
    note(el);
    if (el.dataset.follows !== undefined) el.scrollTop = el.scrollHeight;
  }
  settle();
  const live = new EventSource('/live');
  live.onmessage = refresh;
  live.onerror = () => document.body.classList.add('is-cut-off');
  live.onopen = refresh;
})();
