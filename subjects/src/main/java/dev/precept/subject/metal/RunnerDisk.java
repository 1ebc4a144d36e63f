package dev.precept.subject.metal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The disk image that a machine boots, seen from outside: the command that goes in, status, boot
 * report and results that come out. The machine reads and writes the same file at the same time.
 */
final class RunnerDisk implements AutoCloseable {
  /** A whole number of cylinders of 16 heads and 63 sectors, as Bochs wants it. */
  private static final long BYTES = 130L * 16 * 63 * Protocol.SECTOR;

  /** Where results begin; commands' data lie before. */
  private static final int RESULT_SECTOR = 2048 + 48 * 1024;

  private static final int RESULT_SECTORS = (int) (BYTES / Protocol.SECTOR) - RESULT_SECTOR;

  /** Bytes of data that a command can bring. */
  static final int DATA_MAX = (RESULT_SECTOR - Protocol.FIRST_FREE_SECTOR) * Protocol.SECTOR;

  private static final int CHECKSUM_AT = 504;
  private static final int TEXT_AT = 48;
  private static final int TEXT_LENGTH = 256;

  private final FileChannel channel;
  private long sequence;

  /**
   * Makes the disk.
   *
   * @param file where; replaced
   * @param image the runner's boot image
   */
  RunnerDisk(Path file, byte[] image) throws IOException {
    if (image.length > Protocol.COMMAND_SECTOR * Protocol.SECTOR) {
      throw new IllegalArgumentException("the runner's image reaches into the command sector");
    }
    Files.write(file, image);
    channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    channel.write(ByteBuffer.allocate(1), BYTES - 1);
  }

  /**
   * What the runner says of itself.
   *
   * @param sequence the command it is about; 0: none yet
   * @param code {@code STATUS_} in {@link Protocol}
   * @param cycles time-stamp counts that the command's cases took
   * @param text why, for REFUSED and DIED
   */
  record Status(long sequence, int code, int blocks, int cases, long cycles, String text) {}

  /**
   * What a command's cases are run with.
   *
   * @param flags {@code COMMAND_FLAG_} in {@link Protocol}
   * @param cases number of cases
   * @param templates number of register templates
   * @param checkInterval cases between comparisons of all memory
   * @param heartbeatPort I/O port that takes a byte before each case
   * @param repeat rounds, if bare
   * @param fields VMCS fields in a template
   */
  record Run(
      int flags,
      int cases,
      int templates,
      int checkInterval,
      int heartbeatPort,
      int repeat,
      int fields) {}

  /** Gives the runner cases to run; returns the command's sequence number. */
  long run(byte[] data, Run run) throws IOException {
    return command(Protocol.COMMAND_RUN, data, run);
  }

  /** Gives the runner base image {@code number}; returns the command's sequence number. */
  long base(int number, byte[] data) throws IOException {
    return command(Protocol.COMMAND_BASE, data, new Run(0, number, 0, 1, 0, 1, 0));
  }

  /** Tells the runner to end the machine, where it can. */
  void stop() throws IOException {
    command(Protocol.COMMAND_STOP, new byte[0], new Run(0, 0, 0, 1, 0, 1, 0));
  }

  private long command(int code, byte[] data, Run run) throws IOException {
    if (data.length > DATA_MAX || data.length % 8 != 0) {
      throw new IllegalArgumentException("a command cannot bring " + data.length + " bytes");
    }
    write(Protocol.FIRST_FREE_SECTOR, ByteBuffer.wrap(data));
    // No block of an earlier command may be taken for one of this.
    write(RESULT_SECTOR, ByteBuffer.allocate(Protocol.SECTOR));
    sequence++;
    ByteBuffer sector = little(Protocol.SECTOR);
    sector.putInt(Protocol.COMMAND_MAGIC).putInt(Protocol.VERSION).putLong(sequence);
    sector.putInt(code).putInt(run.flags());
    sector.putInt(Protocol.FIRST_FREE_SECTOR).putInt(data.length);
    sector.putLong(Protocol.checksum(data, 0, data.length));
    sector.putInt(run.cases()).putInt(run.templates());
    sector.putInt(RESULT_SECTOR).putInt(RESULT_SECTORS);
    sector.putInt(run.checkInterval()).putInt(Protocol.RESULT_BLOCK_MAX);
    sector.putInt(run.heartbeatPort()).putInt(run.repeat());
    sector.putInt(run.fields());
    sector.putLong(CHECKSUM_AT, Protocol.checksum(sector.array(), 0, CHECKSUM_AT));
    write(Protocol.COMMAND_SECTOR, sector.rewind());
    return sequence;
  }

  /** The runner's status; nothing before it has written one, or while it writes one. */
  Optional<Status> status() throws IOException {
    ByteBuffer sector = read(Protocol.STATUS_SECTOR, Protocol.SECTOR);
    if (sector.getInt() != Protocol.STATUS_MAGIC
        || sector.getLong(CHECKSUM_AT) != Protocol.checksum(sector.array(), 0, CHECKSUM_AT)) {
      return Optional.empty();
    }
    int version = sector.getInt();
    if (version != Protocol.VERSION) {
      throw new ProtocolException("the runner speaks version " + version + " of the protocol");
    }
    long about = sector.getLong();
    int code = sector.getInt();
    int blocks = sector.getInt();
    int cases = sector.getInt();
    sector.getInt();
    String text =
        new String(sector.array(), TEXT_AT, TEXT_LENGTH, StandardCharsets.US_ASCII)
            .replace("\0", "");
    return Optional.of(new Status(about, code, blocks, cases, sector.getLong(), text));
  }

  /** The boot report's text. */
  String report() throws IOException {
    ByteBuffer text = read(Protocol.REPORT_SECTOR, Protocol.REPORT_SECTORS * Protocol.SECTOR);
    return new String(text.array(), StandardCharsets.US_ASCII).replace("\0", "");
  }

  /**
   * The results of command {@code about} that have reached the disk, in the order in which its
   * cases ran. A block that is not whole ends them.
   *
   * @throws ProtocolException if a whole block holds something that the protocol does not allow
   */
  List<RawResult> results(long about) throws IOException {
    List<RawResult> results = new ArrayList<>();
    int sector = RESULT_SECTOR;
    for (int number = 0; sector < RESULT_SECTOR + RESULT_SECTORS; number++) {
      Optional<ResultBlock> block = ResultBlock.read(this::read, sector, about, number);
      if (block.isEmpty()) {
        break;
      }
      results.addAll(block.get().results());
      sector += block.get().sectors();
    }
    return results;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer read(int sector, int bytes) throws IOException {
    ByteBuffer to = little(bytes);
    long at = (long) sector * Protocol.SECTOR;
    while (to.hasRemaining()) {
      int read = channel.read(to, at + to.position());
      if (read < 0) {
        throw new ProtocolException("the disk ends before sector " + sector + " does");
      }
    }
    return to.flip();
  }

  private void write(int sector, ByteBuffer from) throws IOException {
    long at = (long) sector * Protocol.SECTOR;
    while (from.hasRemaining()) {
      at += channel.write(from, at);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
