<?php
/* Plugin Name: WordPressCluster: uploads are being moved */
// Where a file would lie that is not moved yet; nothing of what is no upload.
function wordpresscluster_before(string $file): string {
    foreach ([WP_CONTENT_DIR . '/uploads/', '/srv/uploads/'] as $folder) {
        if (str_starts_with($file, $folder)) {
            return '/srv/uploads-before/' . substr($file, strlen($folder));
        }
    }
    return '';
}
// Names that are taken there are not given again: visitors would get the new file under the old one's address.
add_filter('wp_unique_filename', function ($name, $ext, $folder) {
    $stem = substr($name, 0, strlen($name) - strlen($ext));
    for ($n = 1; file_exists(wordpresscluster_before("$folder/$name")) || $n > 1 && file_exists("$folder/$name"); $n++) {
        $name = "$stem-$n$ext";
    }
    return $name;
}, 10, 3);
// Who deletes a file deletes it at both places. WordPress deletes nothing that it does not see.
add_filter('wp_delete_file', function ($file) {
    is_string($file) && @unlink(wordpresscluster_before($file));
    return $file;
});
add_action('delete_attachment', function ($id) {
    $file = (string) get_attached_file($id);
    $known = wp_get_attachment_metadata($id) ?: [];
    $others = array_merge($known['sizes'] ?? [], get_post_meta($id, '_wp_attachment_backup_sizes', true) ?: [], [['file' => $known['original_image'] ?? '']]);
    foreach (array_merge([basename($file)], array_column($others, 'file')) as $name) {
        $name !== '' && @unlink(wordpresscluster_before(dirname($file) . '/' . basename($name)));
    }
});
