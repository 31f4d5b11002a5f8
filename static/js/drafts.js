// What a person wrote and the portal has not confirmed yet, kept in the browser (IndexedDB) until it has.
// A draft belongs to a person, a diagnostic (or its review), a question and, of an answer, a tab; nobody else who signs in on the
// same computer is shown it.

const Drafts = (() => {
  const memory = new Map(); // where the browser keeps nothing, at least while the page is open
  const opened = new Promise((resolve) => {
    try {
      const request = indexedDB.open("diagnostics", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("drafts", { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });

  function run(mode, work) {
    return opened.then(
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

  return {
    put(draft) {
      memory.set(draft.key, draft);
      return run("readwrite", (store) => store.put(draft));
    },
    // Only the very draft that was confirmed: what was typed since stays.
    remove(draft) {
      if (memory.get(draft.key)?.client === draft.client) memory.delete(draft.key);
      return run("readwrite", (store) => {
        store.get(draft.key).onsuccess = (event) => {
          if (event.target.result?.client === draft.client) store.delete(draft.key);
        };
      });
    },
    // Those of a person in a diagnostic, oldest first.
    async of(person, diagnostic) {
      const start = `${person}:${diagnostic}:`;
      const found = await run("readonly", (store) => store.getAll(IDBKeyRange.bound(start, `${start}\uffff`)));
      return (found ?? [...memory.values()].filter((draft) => draft.key.startsWith(start))).sort((a, b) => a.at - b.at);
    },
  };
})();
