"""Supervision: OTP's supervisor on Pykka. It knows nothing of markets. This page is what it promises.

Each promise names the test that proves it, in ``tests/conformance``.

**Order.** Children start in the order of the list, each once the one before is ready
(`test_case_02_children_start_in_list_order_each_once_the_one_before_is_ready`), and stop in reverse, each once the
one behind it has ended (`test_case_07_the_one_before_stops_only_once_the_one_behind_it_has`). Nothing starts while
one that it replaces still lives (`test_case_20_nothing_starts_while_one_of_before_still_lives`). All that a tree
decides is decided in one thread, which runs no code of actors (`test_case_09_making_a_child_slowly_delays_no_other`).

**Delivery.** ``tell`` neither raises nor blocks, and a message is delivered at most once: what cannot be delivered is
counted as a dead letter (`test_case_61_telling_a_name_that_is_down_never_raises_and_is_a_dead_letter`), and none is
lost without being counted
(`test_case_61_nothing_is_lost_uncounted_and_no_sender_dies_while_the_receiver_crashes_again_and_again`). Messages of
one sender arrive in the order in which they were sent, across restarts too
(`test_case_63_each_senders_messages_keep_their_order_across_restarts`). The message that was being handled at a
failure is gone, and stands in the crash report; those that waited are dead letters, or with ``keep_on_restart`` the
next incarnation's (`test_case_63_mail_that_is_kept_comes_in_order_and_without_the_message_that_was_fatal`). A mailbox
has a bound (`test_case_65_a_full_mailbox_keeps_and_drops_what_its_policy_says`). Orders overtake mail
(`test_case_41_a_stop_overtakes_a_backlog`). A watcher hears of every end once
(`test_case_67_a_watcher_hears_of_every_end_once`).

**Restarts.** An actor can die in one way only: whatever it raises, there is one ``Down`` for each incarnation
(`test_case_17_whatever_an_actor_raises_over_a_message_only_it_is_restarted`). A failure restarts what the strategy
says (`test_case_19_one_for_one_leaves_the_others_as_they_are`,
`test_case_20_one_for_all_stops_all_others_in_reverse_and_starts_all_in_order`,
`test_case_21_rest_for_one_stops_those_behind_in_reverse_and_starts_them_in_order`); more than ``intensity`` of them
within ``period`` fail the supervisor itself
(`test_case_29_there_are_as_many_restarts_as_allowed_and_one_failure_more_is_the_end`), or park the child
(`test_case_39_with_park_the_siblings_of_one_that_fails_too_often_go_on`). `livermore.errors.Transient` is no failure:
the child waits and is tried again; `livermore.errors.Permanent` parks it
(`test_case_38_real_actors_steer_by_what_they_raise`). One that hangs is given up and replaced
(`test_case_72_it_is_shaken_then_replaced_and_its_mail_fails_at_once`), and what it does from then on has no effect
(`test_case_73_a_thread_that_wakes_after_its_replacement_can_do_nothing_and_ends`). An edit of the file changes exactly
what differs (`test_case_78_exactly_what_differs_is_stopped_in_reverse_and_started_in_order`), or nothing
(`test_case_81_if_one_does_not_start_all_is_as_before_and_who_was_not_touched_has_not_noticed`).

**Stopping.** Sources fall silent first, what they sent is worked off, then all stop
(`test_case_48_sources_are_quiet_before_anybody_stops_and_all_they_sent_is_worked_off`). One that does not stop is
given up at its limit (`test_case_42_one_that_ignores_its_stop_is_given_up_at_its_limit`), and the whole is gone within
``shutdown_deadline`` (`test_case_44_whenever_a_shutdown_comes_it_ends_within_its_time_though_nobody_stops`), even where
one holds Python's own lock (`test_case_46_a_process_that_stands_still_while_it_stops_is_ended_from_outside_python`).
No restart storm delays it (`test_case_44_a_restart_storm_is_cut_short`). Nothing is left behind
(`test_case_49_no_thread_file_or_entry_is_left_after_a_stop`).

**Not promised.** A thread cannot be killed: one that was given up runs on until it looks up, and too many of them end
the process with 71 (`test_case_74_more_zombies_than_the_process_may_have_end_it_with_71`); what must be killable has
``isolation: process``. What was added while the tree runs is gone once its supervisor restarts
(`test_case_78_what_was_added_while_it_runs_survives_a_reload_but_not_its_supervisors_restart`). Nothing outlives the
process: what must be exact stands in Redis and SQL, behind a lease that is fenced there.
"""
