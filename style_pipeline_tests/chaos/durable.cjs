// Azurite answers a write when it has it in memory, and saves what it knows every five seconds. Blob
// Storage has it on disk by then: loaded before Azurite, this makes answers wait until it is saved.
const http = require("http");
const Loki = require("lokijs");

const databases = new Set();
const save = Loki.prototype.saveDatabase;
Loki.prototype.saveDatabase = function (...args) {
  databases.add(this);
  return save.apply(this, args);
};

const end = http.ServerResponse.prototype.end;
http.ServerResponse.prototype.end = function (...args) {
  if (["GET", "HEAD"].includes(this.req.method)) return end.apply(this, args);
  const saved = [...databases].map((database) => new Promise((done) => database.saveDatabase(done)));
  Promise.all(saved).then(() => end.apply(this, args));
  return this;
};
