<?php
// What is due, by one instance at a time.
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true, 32, JSON_THROW_ON_ERROR);
$_SERVER += ['HTTP_HOST' => $site['site']['domains'][0], 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
define('DOING_CRON', true);
require '/var/www/wordpress/wp-load.php';
// GET_LOCK belongs to the connection: it ends with this process, however it ends.
if ($wpdb->get_var("SELECT GET_LOCK('wordpress-cron', 0)") != 1) {
    exit;
}
foreach (is_multisite() ? get_sites(['fields' => 'ids', 'number' => 0]) : [0] as $blog) {
    $blog && switch_to_blog($blog);
    foreach (wp_get_ready_cron_jobs() as $time => $hooks) {
        foreach ($hooks as $hook => $events) {
            foreach ($events as $event) {
                if ($event['schedule']) {
                    wp_reschedule_event($time, $event['schedule'], $hook, $event['args']);
                }
                wp_unschedule_event($time, $hook, $event['args']);
                do_action_ref_array($hook, $event['args']);
            }
        }
    }
    $blog && restore_current_blog();
}
