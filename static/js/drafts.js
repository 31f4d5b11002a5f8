// What a person wrote and the portal has not confirmed yet, kept in the browser (IndexedDB) until it has.
// A draft belongs to a person and to what it is about: an answer of a diagnostic or of its review, or a form (form_draft.js), and a
// tab. Nobody else who signs in on the same computer is shown it. What nobody took up for 60 days is thrown away.
//
// IndexedDB writes a moment later, and by then the page may be gone. Until it has written, a draft also stands in localStorage,
// which has little room but writes at once; who asks for the drafts next brings it over.

const Drafts = (() => {
  const AHEAD = "draft:";
  const memory = new Map(); // where the browser keeps nothing, at least while the page is open
  const KEPT_MS = 60 * 24 * 60 * 60 * 1000;

  function forgetOld(base) {
    base.transaction("drafts", "readwrite").objectStore("drafts").openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (cursor.value.at < Date.now() - KEPT_MS) cursor.delete();
      cursor.continue();
    };
  }

  // Once, and only where a page has something to keep or to forget.
  let opening;
  function opened() {
    opening = opening ?? new Promise((resolve) => {
      try {
        const request = indexedDB.open("diagnostics", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("drafts", { keyPath: "key" });
        request.onsuccess = () => {
          forgetOld(request.result);
          resolve(request.result);
        };
        request.onerror = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
    return opening;
  }

  function run(mode, work) {
    return opened().then(
      (base) =>
        new Promise((resolve) => {
          if (!base) return resolve(null);
          const transaction = base.transaction("drafts", mode);
          const result = work(transaction.objectStore("drafts"));
          transaction.oncomplete = () => resolve(result?.result ?? null);
          transaction.onerror = transaction.onabort = () => resolve(null);
        }),
    );
  }

  // A browser may refuse both: then there is only the memory of the page.
  function ahead(work) {
    try {
      return work(localStorage);
    } catch {
      return null;
    }
  }

  function forgetAhead(key, text) {
    ahead((storage) => storage.getItem(AHEAD + key) === text && storage.removeItem(AHEAD + key));
  }

  // Those that a page had no time to write, unless its tab lives and has written more since.
  function bringOver(start) {
    const keys = ahead((storage) => Object.keys(storage).filter((key) => key.startsWith(AHEAD + start))) ?? [];
    const writing = keys.map((key) => {
      const text = ahead((storage) => storage.getItem(key));
      const draft = ahead(() => JSON.parse(text));
      if (!draft) return null;
      memory.set(draft.key, draft);
      const written = run("readwrite", (store) => {
        store.get(draft.key).onsuccess = (event) => (event.target.result?.at ?? 0) <= draft.at && store.put(draft);
        return { result: true };
      });
      return written.then((is_written) => is_written && forgetAhead(draft.key, text));
    });
    return Promise.all(writing);
  }

  return {
    async put(draft) {
      const text = JSON.stringify(draft);
      memory.set(draft.key, draft);
      ahead((storage) => storage.removeItem(AHEAD + draft.key));
      ahead((storage) => storage.setItem(AHEAD + draft.key, text));
      if (await run("readwrite", (store) => store.put(draft))) forgetAhead(draft.key, text);
    },
    // Only the very draft that was confirmed: what was typed since stays.
    remove(draft) {
      if (memory.get(draft.key)?.client === draft.client) memory.delete(draft.key);
      const text = ahead((storage) => storage.getItem(AHEAD + draft.key));
      if (ahead(() => JSON.parse(text).client) === draft.client) forgetAhead(draft.key, text);
      return run("readwrite", (store) => {
        store.get(draft.key).onsuccess = (event) => {
          if (event.target.result?.client === draft.client) store.delete(draft.key);
        };
      });
    },
    // Those of a person about something, oldest first.
    async of(person, about) {
      const start = `${person}:${about}:`;
      await bringOver(start);
      const found = await run("readonly", (store) => store.getAll(IDBKeyRange.bound(start, `${start}\uffff`)));
      return (found ?? [...memory.values()].filter((draft) => draft.key.startsWith(start))).sort((a, b) => a.at - b.at);
    },
  };
})();
