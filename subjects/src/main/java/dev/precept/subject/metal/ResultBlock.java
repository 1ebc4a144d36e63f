package dev.precept.subject.metal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A block of results on a disk.
 *
 * @param sectors how many it takes
 */
record ResultBlock(List<RawResult> results, int sectors) {
  /** Reads bytes from a sector on. */
  interface Source {
    ByteBuffer read(int sector, int bytes) throws IOException;
  }

  /**
   * The block at {@code sector}; nothing unless it is whole and block {@code number} of command
   * {@code sequence}.
   *
   * @throws ProtocolException if a whole block holds something that the protocol does not allow
   */
  static Optional<ResultBlock> read(Source disk, int sector, long sequence, int number)
      throws IOException {
    ByteBuffer header = disk.read(sector, Protocol.BLOCK_HEADER);
    int checked = Protocol.BLOCK_HEADER - 8;
    if (header.getInt() != Protocol.BLOCK_MAGIC
        || header.getLong(checked) != Protocol.checksum(header.array(), 0, checked)
        || header.getInt() != Protocol.VERSION
        || header.getLong() != sequence
        || header.getInt() != number) {
      return Optional.empty();
    }
    int bytes = header.getInt();
    int count = header.getInt();
    header.getInt();
    long checksum = header.getLong();
    ByteBuffer block = disk.read(sector, Protocol.BLOCK_HEADER + bytes);
    if (Protocol.checksum(block.array(), Protocol.BLOCK_HEADER, bytes) != checksum) {
      return Optional.empty();
    }
    return Optional.of(
        new ResultBlock(
            RawResult.read(block.position(Protocol.BLOCK_HEADER), count),
            (Protocol.BLOCK_HEADER + bytes + Protocol.SECTOR - 1) / Protocol.SECTOR));
  }
}
