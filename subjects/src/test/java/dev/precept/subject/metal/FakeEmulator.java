package dev.precept.subject.metal;

import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A machine that is a thread: it speaks the runner's protocol over the disk and does with each case
 * what the test says, by the value the case has in RBX.
 */
final class FakeEmulator implements Emulator {
  /** What the machine does with a case. */
  sealed interface Act permits Answer, Die, Hang, GiveUp, Nonsense, Misnumber {}

  /** Answers with {@code pairs} of key and value. */
  record Answer(int end, int marks, int detail, long... pairs) implements Act {}

  /** Ends. */
  record Die(boolean tripleFault, String words) implements Act {}

  /** Does nothing more. */
  record Hang() implements Act {}

  /** Says why it cannot go on. */
  record GiveUp(String words) implements Act {}

  /** Retires, and says that it was case number {@code index}. */
  record Misnumber(int index) implements Act {}

  /** Writes all results into a block whose checksum is wrong. */
  record Nonsense() implements Act {}

  /** The guest reached SENTINEL. */
  static final Answer RETIRES =
      new Answer(
          Protocol.END_EXIT,
          0,
          0,
          Layout.CONTROL_BLOCK + 0x70,
          0x46,
          Layout.CONTROL_BLOCK + 0x578,
          0x1000);

  /**
   * A case as the machine sees it.
   *
   * @param tag its RBX
   * @param flags of its header
   * @param watches addresses of the words it watches
   */
  record Seen(long tag, int flags, List<Long> watches) {}

  /** Makes what the check behind a group of cases finds, as addresses and values. */
  interface Check extends Function<List<Seen>, long[]> {}

  final AtomicInteger starts = new AtomicInteger();
  private final Function<Seen, Act> behaviour;
  private Check check = cases -> new long[0];
  private int version = Protocol.VERSION;
  private boolean boots = true;
  private String processor = "svm 1 1\nvmx 0\n";
  private int fields;

  FakeEmulator(Function<Seen, Act> behaviour) {
    this.behaviour = behaviour;
  }

  FakeEmulator checking(Check found) {
    check = found;
    return this;
  }

  FakeEmulator ofVersion(int number) {
    version = number;
    return this;
  }

  /** With VMX and these fields in the VMCS; {@code more} lines say what it can. */
  FakeEmulator withVmx(List<Integer> encodings, String... more) {
    StringBuilder lines = new StringBuilder("svm 0 0\nvmx 1\n");
    encodings.forEach(
        field -> lines.append("vmcs ").append(Integer.toHexString(field)).append('\n'));
    for (String line : more) {
      lines.append(line).append('\n');
    }
    processor = lines.toString();
    fields = encodings.size();
    return this;
  }

  FakeEmulator thatDoesNotBoot() {
    boots = false;
    return this;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public String version() {
    return "1.0";
  }

  @Override
  public int heartbeatPort() {
    return 0xE9;
  }

  @Override
  public boolean keepsTlb() {
    return false;
  }

  @Override
  public boolean canSwitchOff(FeatureBit bit) {
    return false;
  }

  @Override
  public Machine start(Path folder, Path disk, Path heartbeat, Set<FeatureBit> off)
      throws IOException {
    starts.incrementAndGet();
    Running machine = new Running(disk, heartbeat);
    if (boots) {
      machine.thread.start();
    } else {
      machine.end = Optional.of(new Machine.Ending(false, "no bootable device"));
    }
    return machine;
  }

  private final class Running implements Machine {
    private final FileChannel disk;
    private final Path heartbeat;
    private final Thread thread = new Thread(this::live);
    private volatile Optional<Ending> end = Optional.empty();
    private volatile boolean switchedOff;
    private boolean hasBase;
    private long tag;

    Running(Path disk, Path heartbeat) throws IOException {
      this.disk = FileChannel.open(disk, StandardOpenOption.READ, StandardOpenOption.WRITE);
      this.heartbeat = heartbeat;
      thread.setDaemon(true);
    }

    @Override
    public Optional<Ending> ending() {
      return end;
    }

    @Override
    public void close() {
      switchedOff = true;
      try {
        thread.join(5000);
        disk.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void live() {
      try {
        String report = "precept-runner " + Protocol.VERSION + "\n" + processor + "dma 1\n";
        write(Protocol.REPORT_SECTOR, report.getBytes(StandardCharsets.US_ASCII));
        status(0, Protocol.STATUS_READY, "");
        long done = 0;
        while (!switchedOff && end.isEmpty()) {
          ByteBuffer command = read(Protocol.COMMAND_SECTOR, Protocol.SECTOR);
          boolean whole =
              command.getInt(0) == Protocol.COMMAND_MAGIC
                  && command.getLong(504) == Protocol.checksum(command.array(), 0, 504);
          if (whole && command.getLong(8) > done) {
            done = command.getLong(8);
            obey(command, done);
          } else {
            LockSupport.parkNanos(100_000);
          }
        }
      } catch (IOException e) {
        end = Optional.of(new Ending(false, e.toString()));
      }
    }

    private void obey(ByteBuffer command, long sequence) throws IOException {
      if (command.getInt(16) == Protocol.COMMAND_BASE) {
        hasBase = true;
        status(sequence, Protocol.STATUS_DONE, "");
        return;
      }
      if (!hasBase) {
        status(sequence, Protocol.STATUS_DIED, "a case without its base image");
        return;
      }
      ByteBuffer data = read(command.getInt(24), command.getInt(28));
      int templates = command.getInt(44);
      if (command.getInt(72) != fields) {
        status(sequence, Protocol.STATUS_DIED, "templates with another number of fields");
        return;
      }
      data.position(templates * (Register.COUNT + fields) * 8);
      List<Seen> group = new ArrayList<>();
      ByteBuffer results = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
      int count = 0;
      boolean broken = false;
      for (int i = 0; i < command.getInt(40); i++) {
        Seen seen = next(data);
        Files.write(heartbeat, new byte[] {1}, StandardOpenOption.APPEND);
        Act act = behaviour.apply(seen);
        if (act instanceof Answer answer) {
          put(results, i, answer);
          count++;
        } else if (act instanceof Misnumber wrong) {
          put(results, wrong.index(), RETIRES);
          count++;
        } else if (act instanceof Die die) {
          block(command, sequence, results, count, false);
          end = Optional.of(new Ending(die.tripleFault(), die.words()));
          return;
        } else if (act instanceof Hang) {
          block(command, sequence, results, count, false);
          return;
        } else if (act instanceof GiveUp why) {
          block(command, sequence, results, count, false);
          status(sequence, Protocol.STATUS_DIED, why.words());
          return;
        } else {
          put(results, i, RETIRES);
          count++;
          broken = true;
        }
        group.add(seen);
        if (group.size() == command.getInt(56)
            || (seen.flags() & Protocol.CASE_FULL_CHECK) != 0
            || i == command.getInt(40) - 1) {
          long[] found = check.apply(group);
          put(results, i, new Answer(Protocol.END_CHECKED, 0, found.length / 2, found));
          count++;
          group.clear();
        }
      }
      block(command, sequence, results, count, broken);
      status(sequence, Protocol.STATUS_DONE, "");
    }

    private Seen next(ByteBuffer data) {
      int start = data.position();
      int bytes = data.getInt(start);
      int flags = data.getInt(start + 8);
      int template = data.getShort(start + 14) & 0xFFFF;
      int at = start + Protocol.CASE_HEADER;
      if (template != Protocol.NO_TEMPLATE) {
        tag = data.getLong(8 * (template * (Register.COUNT + fields) + Register.RBX.ordinal()));
      }
      for (int i = 0; i < data.getShort(start + 24); i++, at += 16) {
        if (data.getLong(at) == Register.RBX.ordinal()) {
          tag = data.getLong(at + 8);
        }
      }
      at +=
          16 * (data.getShort(start + 26) + data.getShort(start + 32) + data.getShort(start + 34));
      for (int i = 0; i < data.getShort(start + 28); i++) {
        at += 8 + 8 * data.getInt(at + 4);
      }
      List<Long> watches = new ArrayList<>();
      for (int i = 0; i < data.getShort(start + 30); i++, at += 8) {
        for (int word = 0; word < data.getInt(at + 4); word++) {
          watches.add(data.getInt(at) + 8L * word);
        }
      }
      data.position(start + bytes);
      return new Seen(tag, flags, watches);
    }

    private void put(ByteBuffer to, int index, Answer answer) {
      to.putInt(index).putShort((short) answer.end()).putShort((short) answer.marks());
      to.putInt(answer.detail()).putInt(answer.pairs().length / 2);
      for (long number : answer.pairs()) {
        to.putLong(number);
      }
    }

    private void block(
        ByteBuffer command, long sequence, ByteBuffer results, int count, boolean broken)
        throws IOException {
      int bytes = results.position();
      ByteBuffer block =
          ByteBuffer.allocate(Protocol.BLOCK_HEADER + bytes).order(ByteOrder.LITTLE_ENDIAN);
      block.putInt(Protocol.BLOCK_MAGIC).putInt(Protocol.VERSION).putLong(sequence);
      block.putInt(0).putInt(bytes).putInt(count).putInt(0);
      block.position(Protocol.BLOCK_HEADER).put(results.array(), 0, bytes);
      long sum = Protocol.checksum(block.array(), Protocol.BLOCK_HEADER, bytes);
      block.putLong(32, broken ? sum + 1 : sum);
      block.putLong(56, Protocol.checksum(block.array(), 0, 56));
      write(command.getInt(48), block.array());
    }

    private void status(long sequence, int code, String text) throws IOException {
      ByteBuffer sector = ByteBuffer.allocate(Protocol.SECTOR).order(ByteOrder.LITTLE_ENDIAN);
      sector.putInt(Protocol.STATUS_MAGIC).putInt(version).putLong(sequence).putInt(code);
      sector.position(48).put(text.getBytes(StandardCharsets.US_ASCII));
      sector.putLong(504, Protocol.checksum(sector.array(), 0, 504));
      write(Protocol.STATUS_SECTOR, sector.array());
    }

    private ByteBuffer read(int sector, int bytes) throws IOException {
      ByteBuffer to = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      while (to.hasRemaining() && disk.read(to, 512L * sector + to.position()) > 0) {
        // Each read goes on where the one before ended.
      }
      return to.flip();
    }

    private void write(int sector, byte[] bytes) throws IOException {
      disk.write(ByteBuffer.wrap(bytes), 512L * sector);
    }
  }
}
