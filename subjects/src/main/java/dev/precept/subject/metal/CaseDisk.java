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
 * A disk that a machine boots with nobody watching: the runner, a chain of commands with their data
 * and room for their results, each behind the other.
 */
final class CaseDisk implements AutoCloseable {
  private static final int CHECKSUM_AT = 504;
  private static final int NEXT_AT = 76;

  /** Room for results: as much for each case, and at least so much. */
  private static final int RESULT_SECTORS_A_CASE = 4, RESULT_SECTORS = 4096;

  /** Results that are written at once: what a machine that dies takes with it. */
  private static final int FLUSH = 4096;

  private final FileChannel channel;

  /** Where the next command goes, and how many there are before it. */
  private int sector = Protocol.COMMAND_SECTOR;

  private int free = Protocol.FIRST_FREE_SECTOR;
  private long commands;

  CaseDisk(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** A new disk with the runner and no cases: who boots it says what it has, and stops. */
  static void create(Path file, byte[] image) throws IOException {
    Files.write(file, image, StandardOpenOption.CREATE_NEW);
    try (CaseDisk disk = new CaseDisk(file)) {
      disk.end();
    }
  }

  /** What the machine that booted it said of itself; nothing if none has. */
  Optional<String> report() throws IOException {
    byte[] text = read(Protocol.REPORT_SECTOR, Protocol.REPORT_SECTORS * Protocol.SECTOR).array();
    String report = new String(text, StandardCharsets.US_ASCII).replace("\0", "");
    return report.isEmpty() ? Optional.empty() : Optional.of(report);
  }

  boolean hasCases() throws IOException {
    return read(Protocol.COMMAND_SECTOR, Protocol.SECTOR).getInt(16) != Protocol.COMMAND_STOP;
  }

  /** Adds a base image. */
  void base(int number, byte[] data) throws IOException {
    add(Protocol.COMMAND_BASE, data, number, 0, 0, 0);
  }

  /** Adds cases to be run. */
  void cases(byte[] data, int cases, int templates, int fields) throws IOException {
    int room = Math.max(RESULT_SECTORS, cases * RESULT_SECTORS_A_CASE);
    add(Protocol.COMMAND_RUN, data, cases, templates, fields, room);
  }

  private void add(int code, byte[] data, int count, int templates, int fields, int room)
      throws IOException {
    int dataSector = free;
    int dataSectors = (data.length + Protocol.SECTOR - 1) / Protocol.SECTOR;
    int next = dataSector + dataSectors + room;
    commands++;
    ByteBuffer command =
        ByteBuffer.allocate(Protocol.SECTOR)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(Protocol.COMMAND_MAGIC)
            .putInt(Protocol.VERSION)
            .putLong(commands)
            .putInt(code)
            .putInt(Protocol.COMMAND_FLAG_FLUSH)
            .putInt(dataSector)
            .putInt(data.length)
            .putLong(Protocol.checksum(data, 0, data.length))
            .putInt(count)
            .putInt(templates)
            .putInt(dataSector + dataSectors)
            .putInt(room)
            .putInt(1)
            .putInt(FLUSH)
            .putInt(0)
            .putInt(1)
            .putInt(fields)
            .putInt(next);
    write(dataSector, data);
    write(next - 1, new byte[Protocol.SECTOR]);
    seal(sector, command);
    sector = next;
    free = next + 1;
  }

  /** The last command ends it all. */
  void end() throws IOException {
    add(Protocol.COMMAND_STOP, new byte[0], 0, 0, 0, 1);
    write(sector, new byte[Protocol.SECTOR]);
  }

  /**
   * Results of the next command in the chain.
   *
   * @param data what the command brings if it is the one that is meant
   * @return nothing if it is not, or is none
   */
  Optional<List<RawResult>> results(byte[] data) throws IOException {
    ByteBuffer command = read(sector, Protocol.SECTOR);
    boolean same =
        command.getInt(0) == Protocol.COMMAND_MAGIC
            && command.getInt(28) == data.length
            && command.getLong(32) == Protocol.checksum(data, 0, data.length);
    if (!same) {
      return Optional.empty();
    }
    sector = command.getInt(NEXT_AT);
    commands++;
    List<RawResult> results = new ArrayList<>();
    int from = command.getInt(48);
    int end = from + command.getInt(52);
    for (int number = 0; from < end; number++) {
      Optional<ResultBlock> block = ResultBlock.read(this::read, from, commands, number);
      if (block.isEmpty()) {
        break;
      }
      results.addAll(block.get().results());
      from += block.get().sectors();
    }
    return Optional.of(results);
  }

  private void seal(int at, ByteBuffer command) throws IOException {
    command.putLong(CHECKSUM_AT, Protocol.checksum(command.array(), 0, CHECKSUM_AT));
    write(at, command.array());
  }

  private ByteBuffer read(int at, int bytes) throws IOException {
    ByteBuffer to = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int got = 0;
    while (got >= 0 && to.hasRemaining()) {
      got = channel.read(to, (long) at * Protocol.SECTOR + to.position());
    }
    return to.rewind();
  }

  private void write(int at, byte[] bytes) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      channel.write(from, (long) at * Protocol.SECTOR + from.position());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
