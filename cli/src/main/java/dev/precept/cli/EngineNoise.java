package dev.precept.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;

/**
 * What test engines and libraries print while they run: it goes to a file, because what they say of
 * failures the gate says itself, shorter and once.
 */
final class EngineNoise implements AutoCloseable {
  private final PrintStream formerOut = System.out;
  private final PrintStream log;

  private EngineNoise(PrintStream log) {
    this.log = log;
  }

  /**
   * Sends what is printed from now on to {@code file}.
   *
   * @throws IOException if it cannot be written
   */
  static EngineNoise into(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    PrintStream log = new PrintStream(Files.newOutputStream(file), true, StandardCharsets.UTF_8);
    EngineNoise noise = new EngineNoise(log);
    System.setOut(log);
    LogManager.getLogManager().reset();
    Handler handler = new StreamHandler(log, new SimpleFormatter());
    Logger.getLogger("").addHandler(handler);
    return noise;
  }

  @Override
  public void close() {
    System.setOut(formerOut);
    LogManager.getLogManager().reset();
    log.close();
  }
}
