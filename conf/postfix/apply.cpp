// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/apply.hpp"

#include "conf/postfix/attach.hpp"
#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/identity_key.hpp"
#include "conf/postfix/listening.hpp"
#include "conf/postfix/removal.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/postfix/state_lock.hpp"
#include "conf/postfix/steps.hpp"
#include "conf/postfix/transaction.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/stat.h>

namespace sendconnector::conf::postfix {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds socket_limit(20);

Error refusal(const std::vector<Finding>& findings) {
    std::string text = "nothing was applied:";
    for (const Finding& finding : findings) {
        if (finding.severity != Severity::warning) {
            text += "\n" + to_string(finding);
        }
    }
    return {std::move(text)};
}

class Application {
public:
    Application(const Configuration& configuration, Instance& instance, const ApplyHooks& hooks, Work work)
        : m_configuration(configuration), m_instance(instance), m_hooks(hooks), m_work(std::move(work)),
          m_folder(files_directory(configuration)), m_state(configuration.daemon.state_directory) {}

    Result<ApplyReport> run() {
        m_report.changes = changes(m_configuration, m_work);
        if (m_report.changes.empty() && !m_work.steps.marks) {
            return std::move(m_report);
        }
        // Undone when this is left by an exception; before the signals arrive.
        const SignalDelay signals;
        Transaction transaction;
        for (auto step : {&Application::take_notes, &Application::write_files, &Application::edit_services,
                          &Application::set_parameters, &Application::record, &Application::reload_postfix,
                          &Application::reload_daemon}) {
            Result<void> done;
            if (signals.interrupted()) {
                done = fail("interrupted by a signal");
            } else {
                done = (this->*step)(transaction);
            }
            if (!done) {
                return transaction.roll_back(std::move(done.error()));
            }
        }
        transaction.keep();
        if (auto done = remove_old(); !done) {
            return fail(
                fmt::format("the new services are in place, but the old ones could not be removed: {}",
                            done.error().text),
                done.error().hint.empty() ? "run sendconnectorctl apply again" : done.error().hint);
        }
        return std::move(m_report);
    }

private:
    void say(const std::string& what) const {
        if (m_hooks.progress) {
            m_hooks.progress(what);
        }
    }

    // From here on, whatever becomes of us, the services about to be made are known to be ours.
    Result<void> take_notes(Transaction& transaction) {
        auto before = read_file(applied_file(m_state));
        if (!before) {
            return tl::unexpected(before.error());
        }
        // Undone last, when Postfix' files are what they were.
        transaction.on_undo([this] { return m_reload_tried ? m_instance.reload() : Result<void>(); });
        transaction.on_undo([this, before = std::move(*before)]() -> Result<void> {
            return before ? put_back(applied_file(m_state), *before, 0640)
                          : remove_file(applied_file(m_state));
        });
        Applied notes = m_work.current.applied;
        notes.config_directory = m_instance.config_directory();
        for (const auto& [name, entry] : m_work.steps.services) {
            notes.pending.insert(name);
        }
        return write_applied(m_state, notes);
    }

    Result<void> put_back(const fs::path& path, const std::string& content, mode_t mode) const {
        struct stat folder {};
        const bool known = stat(m_state.c_str(), &folder) == 0;
        return write_file(path, content, mode,
                          known ? std::optional(FileOwner{geteuid(), folder.st_gid}) : std::nullopt);
    }

    Result<void> write_files(Transaction& transaction) {
        std::error_code error;
        if (!fs::exists(m_folder, error)) {
            transaction.on_undo([this]() -> Result<void> {
                std::error_code ignored;
                fs::remove(m_folder, ignored);
                return {};
            });
        }
        if (auto made = ensure_private_directory(m_folder); !made) {
            return made;
        }
        for (const RenderedFile& file : m_work.steps.files) {
            const fs::path path = m_folder / file.name;
            const auto before = m_work.current.files.find(file.name);
            say(fmt::format("writing {}", path.string()));
            transaction.on_undo([this, path, before]() -> Result<void> {
                return before == m_work.current.files.end()
                           ? remove_file(path)
                           : write_file(path, before->second.content, before->second.mode);
            });
            if (auto written = write_file(path, file.content, file.mode); !written) {
                return written;
            }
        }
        return {};
    }

    Result<void> edit_services(Transaction& transaction) {
        if (m_work.steps.services.empty()) {
            return {};
        }
        say(fmt::format("writing {} services to {}/master.cf", m_work.steps.services.size(),
                        m_instance.config_directory()));
        const OwnChange change(m_work.desired.applied.facts.marks.master_cf,
                               m_instance.config_directory() + "/master.cf");
        auto texts = m_instance.edit_services(m_work.steps.services);
        if (!texts) {
            return tl::unexpected(texts.error());
        }
        if (!texts->before.empty() && texts->before.back() != '\n') {
            m_unterminated_line = texts->before.substr(texts->before.rfind('\n') + 1);
        }
        transaction.on_undo([this, texts = std::move(*texts)]() -> Result<void> {
            if (restore_text(m_instance.config_directory(), ConfigKind::master_cf, texts.after,
                             texts.before)) {
                return {};
            }
            // Somebody else has changed the file as well: take back our part only.
            Edits back;
            for (const auto& [name, entry] : m_work.steps.services) {
                const auto there = m_work.current.services.find(name);
                back[name] =
                    there == m_work.current.services.end() ? std::nullopt : std::optional(there->second);
            }
            return m_instance.edit_services(back).map([](const auto&) {});
        });
        return {};
    }

    Result<void> set_parameters(Transaction& transaction) {
        if (m_work.steps.parameters.empty()) {
            return {};
        }
        say(fmt::format("setting {} in {}/main.cf", fmt::join(m_work.steps.parameters, ", "),
                        m_instance.config_directory()));
        const OwnChange change(m_work.desired.applied.facts.marks.main_cf,
                               m_instance.config_directory() + "/main.cf");
        return complete_attachment(m_configuration, m_instance, transaction);
    }

    // Old services stay on record until they are gone.
    Result<void> record(Transaction&) {
        Applied applied = m_work.desired.applied;
        for (const std::string& name : m_work.steps.old_services) {
            const auto old = m_work.current.applied.services.find(name);
            applied.services[name] =
                old == m_work.current.applied.services.end() ? AppliedService{} : old->second;
        }
        applied.unterminated_line =
            m_unterminated_line ? m_unterminated_line : m_work.current.applied.unterminated_line;
        m_applied = applied;
        return write_applied(m_state, applied);
    }

    Result<void> reload_postfix(Transaction&) {
        const bool needed = !m_work.steps.services.empty() || !m_work.steps.files.empty() ||
                            !m_work.steps.parameters.empty() || !m_work.current.applied.pending.empty();
        const auto running = m_instance.is_running();
        if (!running) {
            return tl::unexpected(running.error());
        }
        m_running = *running;
        if (!needed || !m_running) {
            say(needed ? "Postfix is not running: not reloaded" : "Postfix needs no reload");
            return {};
        }
        say("reloading Postfix");
        m_reload_tried = true;
        if (auto done = m_instance.reload(); !done) {
            return done;
        }
        m_report.postfix_reloaded = true;
        return wait_for_sockets();
    }

    // The daemon must not route to a service that master(8) has not made yet.
    Result<void> wait_for_sockets() const {
        const auto deadline = std::chrono::steady_clock::now() + socket_limit;
        for (const auto& [name, entry] : m_work.desired.services) {
            while (!is_offered(name)) {
                if (std::chrono::steady_clock::now() >= deadline) {
                    return fail(
                        fmt::format("Postfix has been told to reload, but offers no service {}", name),
                        "its reason is in the mail log");
                }
                poll(nullptr, 0, 20);
            }
        }
        return {};
    }

    bool is_offered(const std::string& service) const {
        const std::string& listener = m_work.desired.applied.split_listener;
        if (!listener.empty() && service == split_listener_name(listener)) {
            return is_listened_on(listener).value_or(true);
        }
        const fs::path queue = m_work.desired.applied.queue_directory;
        std::error_code error;
        return fs::exists(queue / "private" / service, error) ||
               fs::exists(queue / "public" / service, error);
    }

    Result<void> reload_daemon(Transaction&) {
        if (!m_hooks.reload_daemon) {
            return {};
        }
        say("reloading sendconnectord");
        const auto reloaded = m_hooks.reload_daemon();
        if (!reloaded) {
            return tl::unexpected(reloaded.error());
        }
        m_report.daemon_reloaded = *reloaded;
        return {};
    }

    Result<void> remove_old() {
        if (m_work.steps.old_services.empty() && m_work.steps.old_files.empty()) {
            return {};
        }
        say(fmt::format("removing {} services and {} files that no connector needs any more",
                        m_work.steps.old_services.size(), m_work.steps.old_files.size()));
        {
            const OwnChange change(m_applied.facts.marks.master_cf,
                                   m_instance.config_directory() + "/master.cf");
            if (auto done = remove_services(m_instance, m_work.steps.old_services, m_applied); !done) {
                return done;
            }
        }
        if (m_running && !m_work.steps.old_services.empty()) {
            if (auto done = m_instance.reload(); !done) {
                return done;
            }
            m_report.postfix_reloaded = true;
        }
        if (auto done = write_applied(m_state, m_applied); !done) {
            return done;
        }
        for (const std::string& name : m_work.steps.old_files) {
            if (auto done = remove_file(m_folder / name); !done) {
                return done;
            }
        }
        return {};
    }

    const Configuration& m_configuration;
    Instance& m_instance;
    const ApplyHooks& m_hooks;
    Work m_work;
    fs::path m_folder;
    std::string m_state;
    std::optional<std::string> m_unterminated_line;
    bool m_running = false;
    bool m_reload_tried = false;
    Applied m_applied;
    ApplyReport m_report;
};

} // namespace

Result<Plan> plan(const Configuration& configuration, const Instance& instance) {
    return work_out(configuration, instance).map([&](const Work& work) {
        return Plan{changes(configuration, work), work.desired.findings};
    });
}

Result<ApplyReport> apply(const Configuration& configuration, Instance& instance, const ApplyHooks& hooks) {
    const auto lock = lock_state(configuration);
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    auto work = work_out(configuration, instance);
    if (!work) {
        return tl::unexpected(work.error());
    }
    if (refuses(work->desired.findings)) {
        return tl::unexpected(refusal(work->desired.findings));
    }
    // No part of the transaction, and nothing takes it back: mail that is sealed with it may be in the queue.
    if (const auto made = make_identity_key(configuration.daemon.state_directory); !made) {
        return tl::unexpected(made.error());
    }
    return Application(configuration, instance, hooks, std::move(*work)).run();
}

} // namespace sendconnector::conf::postfix
