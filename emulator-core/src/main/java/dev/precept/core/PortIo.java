package dev.precept.core;

/** The I/O space: what IN and OUT reach. */
public interface PortIo {
  /** A bus with nothing on it: reads give all ones, writes are dropped. */
  PortIo EMPTY =
      new PortIo() {
        @Override
        public int in(int port, int size) {
          return -1 >>> (32 - 8 * size);
        }

        @Override
        public void out(int port, int size, int value) {
          // nothing listens
        }
      };

  /** Reads {@code size} bytes (1, 2 or 4) from {@code port} (0 to FFFFh), zero-extended. */
  int in(int port, int size);

  /** Writes the low {@code size} bytes (1, 2 or 4) of {@code value} to {@code port}. */
  void out(int port, int size, int value);
}
