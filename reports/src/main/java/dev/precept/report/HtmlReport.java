package dev.precept.report;

import dev.precept.tables.Tables;
import freemarker.core.HTMLOutputFormat;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.TemplateDirectiveModel;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The page to look at: one file that needs no network, for one subject or several side by side.
 *
 * <p>Every text in it is escaped: by FreeMarker in the markup, by {@link InertInHtml} in the data,
 * and the page's own policy lets no script run but ours.
 */
public final class HtmlReport {
  private static final List<String> SCRIPTS =
      List.of("page", "cases", "case", "cause", "order", "instruction", "coverage", "main");

  private HtmlReport() {}

  /**
   * Writes the report on {@code runs} to {@code file}.
   *
   * @param runs one for each subject
   * @param tables the tables the runs used, for the check orders; forms they do not have are shown
   *     without
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, List<Run> runs, List<Tables> tables) throws IOException {
    write(file, runs, tables, EarlierPieces.NONE);
  }

  /**
   * As {@link #write(Path, List, List)}.
   *
   * @param earlier what an earlier page has of forms, by their names
   * @return where the page has those of which everything holds
   */
  public static FilePieces write(
      Path file, List<Run> runs, List<Tables> tables, EarlierPieces earlier) throws IOException {
    return FilePieces.written(file, out -> writeTo(out, runs, tables, earlier));
  }

  static Map<String, Span> writeTo(
      PieceWriter out, List<Run> runs, List<Tables> tables, EarlierPieces earlier)
      throws IOException {
    ReportModel model = ReportModel.of(runs, tables);
    // The larger half of the work, beside the other.
    CompletableFuture<ReportData> written =
        CompletableFuture.supplyAsync(() -> ReportData.of(model, earlier));
    Map<String, Span> pieces = new HashMap<>();
    OverviewView view = OverviewView.of(model);
    String script = script();
    Map<String, Object> root = new HashMap<>();
    root.put("view", view);
    root.put("style", resource("report.css"));
    root.put("script", script);
    root.put("scriptHash", "sha256-" + sha256(script));
    TemplateDirectiveModel data =
        (environment, parameters, loopVariables, body) -> pieces.putAll(written.join().copyTo(out));
    root.put("data", data);
    try {
      configuration().getTemplate("index.ftlh").process(root, out);
    } catch (TemplateException e) {
      throw new IllegalStateException("the report's template and its view do not match", e);
    }
    return pieces;
  }

  /** How the page's template is read: it is ours, and can name no class and call no API. */
  static Configuration configuration() {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setClassForTemplateLoading(HtmlReport.class, "");
    configuration.setDefaultEncoding("UTF-8");
    configuration.setLocale(Locale.ROOT);
    configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
    configuration.setRecognizeStandardFileExtensions(true);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    configuration.setURLEscapingCharset("UTF-8");
    configuration.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    configuration.setAPIBuiltinEnabled(false);
    return configuration;
  }

  /** The page's script: its parts in order, in a scope of their own. */
  private static String script() {
    StringBuilder script = new StringBuilder("\"use strict\";\n(() => {\n");
    for (String part : SCRIPTS) {
      script.append(resource("script/" + part + ".js"));
    }
    return script.append("})();\n").toString();
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("this build lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
