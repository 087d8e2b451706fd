// The song's clock: where in the song the loudspeaker is now. Everything drawn asks it.

export class Clock {
  constructor() {
    this.context = null;
    this.buffer = null;
    this.source = null;
    this.rate = 1;
    this.at = 0; // ms, where it stands
    this.started = 0; // s of the context, when it last started
  }

  async load(bytes) {
    this.stop();
    this.context ??= new AudioContext({ latencyHint: "interactive" });
    this.buffer = await this.context.decodeAudioData(bytes);
    this.at = 0;
  }

  get duration() {
    return this.buffer ? this.buffer.duration * 1000 : 0;
  }

  get running() {
    return this.source !== null;
  }

  // What is heard now, ms: what the context has handed out, less what is still on its way.
  get time() {
    if (!this.running) return this.at;
    const stamp = this.context.getOutputTimestamp?.();
    const now =
      stamp && stamp.performanceTime > 0
        ? stamp.contextTime + (performance.now() - stamp.performanceTime) / 1000
        : this.context.currentTime - (this.context.outputLatency || 0);
    const passed = Math.max(0, now - this.started) * 1000 * this.rate;
    return Math.min(this.at + passed, this.duration);
  }

  // When, by the context, a moment of the song will be handed out.
  when(time) {
    return this.started + (time - this.at) / 1000 / this.rate;
  }

  async start() {
    if (!this.buffer || this.running) return;
    await this.context.resume();
    const source = this.context.createBufferSource();
    source.buffer = this.buffer;
    source.playbackRate.value = this.rate;
    source.connect(this.context.destination);
    this.started = this.context.currentTime + 0.03;
    source.start(this.started, this.at / 1000);
    source.onended = () => {
      if (this.source === source) this.stop();
    };
    this.source = source;
  }

  stop() {
    if (!this.running) return;
    this.at = this.time;
    const { source } = this;
    this.source = null;
    source.onended = null;
    source.stop();
  }

  async seek(time) {
    const was = this.running;
    this.stop();
    this.at = Math.min(Math.max(0, time), this.duration);
    if (was) await this.start();
  }

  async setRate(rate) {
    const was = this.running;
    this.stop();
    this.rate = rate;
    if (was) await this.start();
  }
}
