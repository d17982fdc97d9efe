(** * Claims of kind lattice up to conjugacy: nodes are told apart by colours, classes are compared by the images listed *)
From Coq Require Import List Arith ZArith NArith QArith Qreals Reals Bool Lia Lra FMapPositive Permutation.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Sums ChainRule Symmetric Letters Leaves Parities Nodewise Samples
  Slopes Kinks
  Posets Lattices Closures Conjugacy.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** of every generator: nothing if it fixes the node, or the node and the word that are stated *)
Definition entry_list := list (option (N * list N)).
Fixpoint spread_images (bits : list bool) (images : list (N * list N)) : option entry_list :=
  match bits, images with
  | [], [] => Some []
  | true :: bits', _ => match spread_images bits' images with Some l => Some (None :: l) | None => None end
  | false :: bits', i :: images' => match spread_images bits' images' with Some l => Some (Some i :: l) | None => None end
  | _, _ => None
  end.
(** the intersection of the node a with the fixed space of generator r is the stated image of a node of smaller dimension *)
Definition image_ok (m : model) (ls : list (list move)) (ps : list perm) (ns : list item) (a : item) (lz : links) (r : nat) (l : list move) (kw : N * list N) :
  bool :=
  match nth_error ns (N.to_nat (fst kw)) with
  | Some b =>
    match act_word ps (snd kw) (fixing_of b) with
    | Some f => N.ltb (s_dimension (it_space b)) (s_dimension (it_space a)) && implied (fixing_of a) f && nth r f false
                && forallb (follow m (fold_left (join (fuel_of m)) l lz)) (select f ls)
    | None => false
    end
  | None => false
  end.
Fixpoint images_ok (m : model) (ls : list (list move)) (ps : list perm) (ns : list item) (a : item) (lz : links) (r : nat) (es : entry_list) (ls' : list (list
  move)) : bool :=
  match es, ls' with
  | [], [] => true
  | e :: es', l :: ls'' =>
    match e with Some kw => image_ok m ls ps ns a lz r l kw && negb (nth r (fixing_of a) false) | None => nth r (fixing_of a) false end
    && images_ok m ls ps ns a lz (S r) es' ls''
  | _, _ => false
  end.

(** ** Families: numbers of the fixed spaces that the permutations keep; colours *)
Definition relabel (ps : list perm) (size : nat) (fam : list N) : list N :=
  map (fun r => fold_left (fun n p => N.min n (N.min (nth (nth r (p_to p) size) fam n) (nth (nth r (p_from p) size) fam n))) ps (nth r fam 0%N)) (seq 0 size).
Fixpoint relabelled (fuel : nat) (ps : list perm) (size : nat) (fam : list N) : list N :=
  match fuel with O => fam | S k => let fam' := relabel ps size fam in if same_list N.eqb fam fam' then fam else relabelled k ps size fam' end.
Definition family_ok (ps : list perm) (size : nat) (fam : list N) : bool :=
  forallb (fun p => forallb (fun r => N.eqb (nth (nth r (p_to p) size) fam 0%N) (nth r fam 0%N)) (seq 0 size)) ps.
Definition code (n : N) (fam : list N) (es : entry_list) (r : nat) : N :=
  (nth r fam 0 * (n + 1) + match nth r es None with None => 0 | Some kw => fst kw + 1 end)%N.
Definition colour (n : N) (fam : list N) (size : nat) (es : entry_list) : list N := sorted (map (code n fam es) (seq 0 size)).

(** ** The order of classes *)
Definition unique (l : list N) : list N :=
  snd (fold_left (fun sa k => if is_pivot (fst sa) k then sa else (PM.add (N.succ_pos k) tt (fst sa), k :: snd sa)) l (PM.empty unit, [])).
Definition add_row (t : table) (je : N * entry_list) : table :=
  let l := unique (flat_map (fun e => match e with Some (k, _) => k :: all_below t k | None => [] end) (snd je)) in
  PM.add (N.succ_pos (fst je)) {| d_list := l; d_set := set_of l |} t.
Definition class_table (m : model) (nodes : list (item * entry_list)) : table :=
  let l := numbered nodes in
  fold_left (fun t d => fold_left (fun t ja => if N.eqb (s_dimension (it_space (fst (snd ja)))) d then add_row t (fst ja, snd (snd ja)) else t) l t)
    (nrange (dimension m + 1)) (PM.empty _).
Definition row_ok (t : table) (j : N) (es : entry_list) : bool :=
  forallb (fun e => match e with Some (k, _) => is_below t k j && forallb (fun i => is_below t i j) (all_below t k) | None => true end) es
  && forallb (fun i => existsb (fun e => match e with Some (k, _) => N.eqb i k || is_below t i k | None => false end) es) (all_below t j).

(** ** The check; [None]: unsupported *)
Fixpoint all_spread (ns : list item) (images : list (list (N * list N))) : option (list entry_list) :=
  match ns, images with
  | [], [] => Some []
  | a :: ns', i :: images' => match spread_images (fixing_of a) i, all_spread ns' images' with Some e, Some l => Some (e :: l) | _, _ => None end
  | _, _ => None
  end.
Definition check_classes (m : model) (ls : list (list move)) (ps : list perm) (fam : list N) (ns : list item) (entries : list entry_list) : bool :=
  let size := length ls in
  forallb (fun a => check_moves m (select (fixing_of a) ls) (it_space a)) ns
  && existsb (fun a => match s_rows (it_space a) with [] => true | _ => false end) ns
  && family_ok ps size fam
  && forallb (fun ae => images_ok m ls ps ns (fst ae) (joined m (select (fixing_of (fst ae)) ls)) 0 (snd ae) ls) (combine ns entries)
  && distinct (same_list N.eqb) (map (colour (N.of_nat (length ns)) fam size) entries).
Definition check_orbits (m : model) (assumptions : list (text * assumption)) (edges : list (N * N)) (gs : list generator) (nodes : list subspace)
    (images : list (list (N * list N))) (l : list node_actions) : option bool :=
  match read_symmetries m assumptions gs l with
  | SymUnsupported => None
  | SymInvalid => Some false
  | SymMoves all =>
    let ls := map (leaf_moves m) all in
    let size := length ls in
    let keys := keys_of m ls in
    let ps := map (find_perm m ls keys) ls in
    if negb (forallb (fun lp => check_perm m ls (fst lp) (snd lp)) (combine ls ps)) then None
    else
      let ns := map (node_item m ls) nodes in
      match all_spread ns images with
      | None => Some false
      | Some entries =>
        let fam := relabelled size ps size (map N.of_nat (seq 0 size)) in
        let t := class_table m (combine ns entries) in
        Some (check_classes m ls ps fam ns entries
              && forallb (fun je => row_ok t (fst je) (snd je)) (numbered entries)
              && check_edges t (N.of_nat (length nodes)) edges)
      end
  end.

(** ** Soundness *)
Lemma images_ok_nth m ls ps ns a lz : forall es ls' r0, images_ok m ls ps ns a lz r0 es ls' = true -> length es = length ls' /\
  forall r l, nth_error ls' r = Some l -> match nth r es None with
    | Some kw => image_ok m ls ps ns a lz (r0 + r) l kw = true /\ nth (r0 + r) (fixing_of a) false = false
    | None => nth (r0 + r) (fixing_of a) false = true end.
Proof.
  induction es as [|e es IH]; intros [|l0 ls'] r0; cbn [images_ok]; intros H; try discriminate H; [split; [reflexivity|]; intros [|r] l; discriminate|].
  apply andb_prop in H as [H1 H2]. destruct (IH ls' (S r0) H2) as [L K]. split; [cbn; now rewrite L|]. intros [|r] l; cbn [nth_error nth].
  - intros [= ->]. rewrite Nat.add_0_r. destruct e as [kw|]; [|exact H1]. apply andb_prop in H1 as [H1 H3]. split; [exact H1|now apply negb_true_iff].
  - intros Hl. specialize (K r l Hl). now replace (r0 + S r)%nat with (S r0 + r)%nat by lia.
Qed.

Local Open Scope R_scope.
Section Classes.
Variable m : model.
Variable gs : list generator.
Variable ls : list (list move).
Hypothesis HG : Forall2 (fun g l => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) l ->
  entry theta' q = sg t * entry theta p) gs ls.
Hypothesis Hbij : forall r l, nth_error ls r = Some l -> (forall theta, exists theta', forall q p t, In (q, (p, t)) l ->
  entry theta' q = sg t * entry theta p) /\
  (forall theta', exists theta, forall q p t, In (q, (p, t)) l -> entry theta' q = sg t * entry theta p) /\
  (forall q p t, In (q, (p, t)) l -> (q < dimension m)%N /\ (p < dimension m)%N).
Variable ps : list perm.
Hypothesis HP : Forall2 (fun l p => check_perm m ls l p = true) ls ps.
Variable fam : list N.
Variable ns : list item.
Variable entries : list entry_list.
Hypothesis HN : forall a, In a ns -> exists L, a = node_item m ls L.
Hypothesis HE : length entries = length ns.
Hypothesis HC : check_classes m ls ps fam ns entries = true.
Let size := length ls.
Let family (r : nat) := nth r fam 0%N.

Lemma HF : forall p, In p ps -> forall r, (r < length ls)%nat -> family (nth r (p_to p) (length ls)) = family r.
Proof.
  intros p Hp r Hr. assert (HC' := HC). unfold check_classes in HC'. cbv zeta in HC'. apply andb_prop in HC' as [[[_ H]%andb_prop _]%andb_prop _].
  unfold family_ok in H. rewrite forallb_forall in H. specialize (H p Hp). rewrite forallb_forall in H. specialize (H r). apply N.eqb_eq, H, in_seq. lia.
Qed.
Let good := good ls family.
Let exact := exact ls.
Let meet := meet ls.
Let moved := moved ls.
Definition node_is (j : nat) (a : item) : Prop := nth_error ns j = Some a.
Lemma node_known a : In a ns -> node_ok m gs (it_space a) (fixing_of a).
Proof.
  intros Ha. destruct (HN a Ha) as (L & ->). apply (node_item_ok m gs ls HG). assert (HC' := HC). unfold check_classes in HC'. cbv zeta in HC'.
  apply andb_prop in HC' as [[[[H _]%andb_prop _]%andb_prop _]%andb_prop _]. rewrite forallb_forall in H. exact (H _ Ha).
Qed.
Lemma exact_node a : In a ns -> exact (fixing_of a) (in_subspace (it_space a)).
Proof. intros Ha. now apply (node_exact m gs ls HG), node_known. Qed.
Definition dim (a : item) : nat := N.to_nat (s_dimension (it_space a)).
(** what the images show *)
Lemma entry_of j a : node_is j a -> exists es, nth_error entries j = Some es /\ length es = size /\
  forall r, (r < size)%nat -> match nth r es None with
    | None => nth r (fixing_of a) false = true
    | Some kw => nth r (fixing_of a) false = false /\ exists b h f, node_is (N.to_nat (fst kw)) b /\ (dim b < dim a)%nat /\ group m gs h /\
        exact f (translate h (in_subspace (it_space b))) /\ forall theta, meet f theta <-> meet (fixing_of a) theta /\ fixed ls r theta
    end.
Proof.
  intros Hj. destruct (nth_error entries j) as [es|] eqn:Ee.
  2:{ apply nth_error_None in Ee. assert (j < length ns)%nat by (apply nth_error_Some; unfold node_is in Hj; congruence). lia. }
  exists es. split; [reflexivity|]. assert (HC' := HC). unfold check_classes in HC'. cbv zeta in HC'. apply andb_prop in HC' as [[_ H]%andb_prop _].
    rewrite forallb_forall in H.
  assert (Hin : In (a, es) (combine ns entries)).
  { clear -Hj Ee. unfold node_is in Hj. revert entries j Hj Ee. induction ns as [|b l IH]; intros [|e l'] [|j]; cbn [nth_error combine]; try discriminate.
    - intros [= ->] [= ->]. now left.
    - intros H1 H2. right. exact (IH l' j H1 H2). }
  specialize (H _ Hin). cbn [fst snd] in H. destruct (images_ok_nth _ _ _ _ _ _ _ _ _ H) as [Len K]. split; [exact Len|].
  intros r Hr. destruct (nth_error ls r) as [l|] eqn:El; [|apply nth_error_None in El; unfold size in Hr; lia]. specialize (K r l El). cbn [Nat.add] in K.
  destruct (nth r es None) as [kw|]; [|exact K]. destruct K as [K K0]. split; [exact K0|]. unfold image_ok in K.
  destruct (nth_error ns (N.to_nat (fst kw))) as [b|] eqn:Eb; [|easy]. destruct (act_word ps (snd kw) (fixing_of b)) as [f|] eqn:Ew; [|easy].
  apply andb_prop in K as [[[K1 K2]%andb_prop K3]%andb_prop K4]. apply N.ltb_lt in K1. assert (Ib := nth_error_In _ _ Eb).
  destruct (act_word_ok m gs ls HG Hbij ps HP family HF (snd kw) _ f _ Ew (exact_node b Ib)) as (h & Hh & E).
  exists b, h, f. split; [exact Eb|]. split; [unfold dim; lia|]. split; [exact Hh|]. split; [exact E|]. intros theta. split.
  - intros M. split; [intros r' B; apply M; now apply (implied_ok (fixing_of a) f K2)|apply M; exact K3].
  - intros [M1 M2] r' B l' El'. rewrite forallb_forall in K4. apply (follow_ok m theta (fold_left (join (fuel_of m)) l (joined m (select (fixing_of a) ls)))).
    + apply joins_ok; [|now apply M2]. apply joined_holds. intros l0 Hl0. apply in_select in Hl0 as (r0 & B0 & E0). now apply (M1 r0 B0).
    + apply K4. apply in_select. eauto.
Qed.

Lemma same_trans (A B C : vec -> Prop) : same A B -> same B C -> same A C.
Proof. intros H1 H2 theta. rewrite (H1 theta). apply H2. Qed.
(** no node is the image of another one *)
Theorem classes_apart : forall d i j a b h, (dim a < d)%nat -> node_is i a -> node_is j b -> group m gs h ->
  same (translate h (in_subspace (it_space a))) (in_subspace (it_space b)) -> i = j.
Proof.
  induction d as [|d IH]; intros i j a b h Hd Hi Hj Hh HS; [lia|].
  destruct (group_good m gs ls HG Hbij ps HP family HF h Hh) as (pi & iota & G). fold good in G. assert (G' := G). destruct G' as (P & _ & Onto & Iff).
  assert (Ia := exact_node a (nth_error_In _ _ Hi)). assert (Ib := exact_node b (nth_error_In _ _ Hj)).
  assert (Im := exact_image ls family h pi iota _ _ G Ia). fold exact in Im.
  assert (Mask : forall r, (r < size)%nat -> nth (pi r) (fixing_of b) false = nth r (fixing_of a) false).
  { intros r Hr. destruct (P r Hr) as (P1 & _ & _ & P4 & _). rewrite <- (exact_unique ls _ _ _ _ Im Ib HS (pi r)), nth_moved by exact P1. now rewrite P4. }
  destruct (entry_of i a Hi) as (ea & Ea & La & Ka). destruct (entry_of j b Hj) as (eb & Eb & Lb & Kb).
  assert (Codes : forall r, (r < size)%nat -> code (N.of_nat (length ns)) fam eb (pi r) = code (N.of_nat (length ns)) fam ea r).
  { intros r Hr. destruct (P r Hr) as (P1 & _ & _ & P4 & P5). unfold code. unfold family in P5. rewrite P5. f_equal.
    specialize (Ka r Hr). specialize (Kb (pi r) P1). specialize (Mask r Hr).
    destruct (nth r ea None) as [[k w]|], (nth (pi r) eb None) as [[k' w']|]; cbn [fst] in *.
    2:{ destruct Ka as [Ka _]. congruence. } 2:{ destruct Kb as [Kb _]. congruence. } 2:reflexivity.
    destruct Ka as (_ & c & h1 & f1 & N1 & D1 & G1 & X1 & M1). destruct Kb as (_ & c' & h2 & f2 & N2 & D2 & G2 & X2 & M2).
    destruct (group_good m gs ls HG Hbij ps HP family HF h1 G1) as (pi1 & iota1 & Good1). destruct (group_good m gs ls HG Hbij ps HP family HF h2 G2) as (pi2 &
      iota2 & Good2).
    enough (N.to_nat k = N.to_nat k') by lia.
    apply (IH _ _ c c' (fun theta theta' => exists mid, (exists mid', h1 theta mid' /\ h mid' mid) /\ h2 theta' mid)); [lia|exact N1|exact N2| |].
    - apply (group_product m gs (fun theta theta' => exists mid', h1 theta mid' /\ h mid' theta') (fun theta theta' => h2 theta' theta));
      [now apply group_product|now apply group_inverse].
    - assert (Step : forall theta mid, h theta mid -> (meet f1 theta <-> meet f2 mid)).
      { intros theta mid Hm. rewrite (M1 theta), (M2 mid). rewrite (Iff _ _ Hm r Hr).
        assert (E : meet (fixing_of a) theta <-> meet (fixing_of b) mid); [|rewrite E; reflexivity].
        destruct Ia as (Len & Sa & _). destruct Ib as (Len' & Sb & _).
        unfold meet. rewrite (meet_moved ls family h pi iota (fixing_of a) theta mid Len G Hm).
        destruct Im as (_ & Si & _). rewrite <- (Si mid). rewrite (HS mid). apply Sb. }
      destruct X1 as (_ & S1 & _). destruct X2 as (_ & S2 & _). destruct (exact_node c (nth_error_In _ _ N1)) as (Lc & Sc & _).
      destruct (exact_node c' (nth_error_In _ _ N2)) as (Lc' & Sc' & _). intros theta'. split.
      + intros (theta & HA & mid & (mid' & H1 & H2) & H3). assert (F1 : meet f1 mid') by (apply S1; now exists theta).
        apply (Step _ _ H2) in F1. apply S2 in F1 as (theta'' & HA' & H4). apply Sc'. 
        destruct Good2 as (Q & _ & _ & Iff2). intros r' B. assert (Hr' := nth_beyond ls _ r' Lc' B). apply (Iff2 _ _ H3 r' Hr'). apply (Iff2 _ _ H4 r' Hr').
        now apply (proj1 (Sc' theta'') HA').
      + intros HA. destruct Good2 as (_ & Tot2 & _ & _). destruct (Tot2 theta') as (mid & H3). destruct (Onto mid) as (mid' & H2).
        assert (F2 : meet f2 mid) by (apply S2; now exists theta'). apply (Step _ _ H2) in F2. apply S1 in F2 as (theta & HA' & H1).
        exists theta. split; [exact HA'|]. exists mid. split; [now exists mid'|exact H3]. }
  (* equal colours *)
  assert (Perm : Permutation (map pi (seq 0 size)) (seq 0 size)).
  { apply NoDup_Permutation_bis.
    - apply nodup_map; [|apply seq_NoDup]. intros x y Hx Hy E. apply in_seq in Hx, Hy.
      destruct (P x ltac:(lia)) as (_ & _ & _ & P4 & _). destruct (P y ltac:(lia)) as (_ & _ & _ & P4' & _). congruence.
    - now rewrite map_length.
    - intros x Hx. apply in_map_iff in Hx as (y & <- & Hy). apply in_seq in Hy. apply in_seq. destruct (P y ltac:(lia)) as (P1 & _). lia. }
  assert (Eq : colour (N.of_nat (length ns)) fam size eb = colour (N.of_nat (length ns)) fam size ea).
  { unfold colour. apply sorted_perm. rewrite <- (Permutation_map (code (N.of_nat (length ns)) fam eb) Perm), map_map.
    erewrite map_ext_in; [reflexivity|]. intros r Hr. apply in_seq in Hr. apply Codes. lia. }
  assert (HC' := HC). unfold check_classes in HC'. cbv zeta in HC'. apply andb_prop in HC' as [_ H]. fold size in H.
  apply (distinct_nth _ _ H) with (a := colour (N.of_nat (length ns)) fam size ea).
  - intros l. induction l as [|x l IHl]; cbn [same_list]; [reflexivity|]. now rewrite N.eqb_refl.
  - now rewrite nth_error_map, Ea.
  - rewrite nth_error_map, Eb. cbn [option_map]. now rewrite Eq.
Qed.

Lemma fixed_fix r g theta : nth_error gs r = Some g -> (fixed ls r theta <-> all_fix m [g] theta).
Proof. intros Hg. rewrite (fixed_moves m gs ls HG r g theta Hg). unfold all_fix. split; [intros H g' [<-|[]]; exact H|intros H; apply H; now left]. Qed.
Lemma index_of g : In g gs -> exists r, (r < size)%nat /\ nth_error gs r = Some g.
Proof.
  intros Hg. destruct (In_nth_error gs g Hg) as (r & Hr). exists r. split; [|exact Hr]. unfold size. rewrite <- (size_gs m gs ls HG).
  apply nth_error_Some. congruence.
Qed.
(** the group permutes the fixed spaces *)
Theorem fixed_permuted h g : group m gs h -> In g gs -> exists g', In g' gs /\ same (translate h (all_fix m [g])) (all_fix m [g']).
Proof.
  intros Hh Hg. destruct (index_of g Hg) as (r & Hr & Eg). destruct (group_good m gs ls HG Hbij ps HP family HF h Hh) as (pi & iota & P & _ & Onto & Iff).
  destruct (P r Hr) as (P1 & _). destruct (nth_error gs (pi r)) as [g'|] eqn:Eg'.
  2:{ apply nth_error_None in Eg'. rewrite (size_gs m gs ls HG) in Eg'. lia. }
  exists g'. split; [now apply nth_error_In in Eg'|]. intros theta'. split.
  - intros (theta & H1 & H2). apply (fixed_fix (pi r) g' theta' Eg'). apply (Iff _ _ H2 r Hr). now apply (fixed_fix r g theta Eg).
  - intros H. destruct (Onto theta') as (theta & H2). exists theta. split; [|exact H2]. apply (fixed_fix r g theta Eg). apply (Iff _ _ H2 r Hr).
    now apply (fixed_fix (pi r) g' theta' Eg').
Qed.
(** every intersection of fixed spaces is the image of a node *)
Theorem classes_closed l : incl l gs -> exists a h, In a ns /\ group m gs h /\ same (translate h (in_subspace (it_space a))) (all_fix m l).
Proof.
  induction l as [|g l IH]; intros Hl.
  - assert (HC' := HC). unfold check_classes in HC'. cbv zeta in HC'. apply andb_prop in HC' as [[[[_ H]%andb_prop _]%andb_prop _]%andb_prop _].
    apply existsb_exists in H as (a & Ha & E). exists a, (fun theta theta' => forall p, (p < dimension m)%N -> entry theta' p = entry theta p).
    split; [exact Ha|]. split; [constructor|]. intros theta'. split; [intros _ ? []|]. intros _. exists theta'. split; [|reflexivity].
    unfold in_subspace. destruct (s_rows (it_space a)); [intros ? []|easy].
  - destruct IH as (a & h & Ha & Hh & HS); [intros x Hx; apply Hl; now right|]. destruct (index_of g (Hl g (or_introl eq_refl))) as (r & Hr & Eg).
    destruct (group_good m gs ls HG Hbij ps HP family HF h Hh) as (pi & iota & P & Tot & Onto & Iff). destruct (P r Hr) as (_ & P2 & P3 & _ & _).
    assert (Cons : forall theta', all_fix m (g :: l) theta' <-> translate h (in_subspace (it_space a)) theta' /\ fixed ls r theta').
    { intros theta'. rewrite (HS theta'), (fixed_fix r g theta' Eg). unfold all_fix. split.
      - intros H. split; [intros g' Hg'; apply H; now right|intros g' [<-|[]]; apply H; now left].
      - intros [H1 H2] g' [<-|Hg']; [apply H2; now left|now apply H1]. }
    destruct (In_nth_error ns a Ha) as (j & Hj). destruct (entry_of j a Hj) as (es & _ & _ & K). specialize (K (iota r) P2).
    destruct (nth (iota r) es None) as [kw|].
    + destruct K as (_ & b & h1 & f & Nb & _ & G1 & (_ & S1 & _) & M1). exists b, (fun theta theta' => exists mid, h1 theta mid /\ h mid theta').
      split; [now apply nth_error_In in Nb|]. split; [now constructor|]. destruct (exact_node a Ha) as (_ & Sa & _). intros theta'. rewrite (Cons theta').
        split.
      * intros (theta & HB & mid & H1 & H2). assert (F : meet f mid) by (apply S1; now exists theta). apply M1 in F as [F1 F2]. split.
        -- exists mid. split; [now apply Sa|exact H2].
        -- rewrite <- P3. now apply (Iff _ _ H2 (iota r) P2).
      * intros [(mid & HA & H2) F]. rewrite <- P3 in F. apply (Iff _ _ H2 (iota r) P2) in F. apply Sa in HA.
        destruct (proj2 (S1 mid) (proj2 (M1 mid) (conj HA F))) as (theta & HB & H1). exists theta. split; [exact HB|]. now exists mid.
    + exists a, h. split; [exact Ha|]. split; [exact Hh|]. intros theta'. rewrite (Cons theta'). split; [|easy]. intros (theta & HA & H).
      split; [now exists theta|].
      rewrite <- P3. apply (Iff _ _ H (iota r) P2). destruct (exact_node a Ha) as (_ & Sa & _). apply (proj1 (Sa theta) HA). exact K.
Qed.

(** the order of the classes *)
Definition class_below (a b : item) : Prop := exists h, group m gs h /\ forall theta, translate h (in_subspace (it_space a)) theta ->
  in_subspace (it_space b) theta.
Lemma class_below_trans a b c : class_below a b -> class_below b c -> class_below a c.
Proof.
  intros (h & G & H) (h' & G' & H'). exists (fun theta theta' => exists mid, h theta mid /\ h' mid theta'). split; [now constructor|].
  intros theta' (theta & HA & mid & H1 & H2). apply H'. exists mid. split; [|exact H2]. apply H. now exists theta.
Qed.
Variable t : table.
Hypothesis HT : forall j es, nth_error entries j = Some es -> row_ok t (N.of_nat j) es = true.
Hypothesis Hset : forall i j, In i (all_below t j) <-> is_below t i j = true.
Lemma below_sound : forall d i j a b, (dim b < d)%nat -> node_is i a -> node_is j b -> is_below t (N.of_nat i) (N.of_nat j) = true -> class_below a b.
Proof.
  induction d as [|d IH]; intros i j a b Hd Hi Hj H; [lia|]. destruct (entry_of j b Hj) as (es & Ee & Len & K).
  assert (R := HT j es Ee). unfold row_ok in R. apply andb_prop in R as [_ R]. rewrite forallb_forall in R. apply Hset in H. specialize (R _ H).
  apply existsb_exists in R as (e & He & R). destruct e as [[k w]|]; [|easy]. destruct (In_nth es _ None He) as (r & Hr & Er). rewrite Len in Hr.
  specialize (K r Hr). rewrite Er in K. cbn [fst] in K. destruct K as (_ & c & h & f & Nc & Dc & Gh & (_ & Sf & _) & Mf).
  assert (Bc : class_below c b).
  { exists h. split; [exact Gh|]. intros theta Him. apply Sf, Mf in Him as [Him _]. destruct (exact_node b (nth_error_In _ _ Hj)) as (_ & Sb & _).
    now apply Sb. }
  apply orb_prop in R as [R|R].
  - apply N.eqb_eq in R. subst k. rewrite Nat2N.id in Nc. unfold node_is in *. rewrite Hi in Nc. injection Nc as <-. exact Bc.
  - apply (class_below_trans a c b); [|exact Bc]. apply (IH i (N.to_nat k) a c); [lia|exact Hi|exact Nc|]. now rewrite N2Nat.id.
Qed.
Lemma below_complete : forall d i j a b, (dim b < d)%nat -> node_is i a -> node_is j b -> i <> j -> class_below a b ->
  is_below t (N.of_nat i) (N.of_nat j) = true.
Proof.
  induction d as [|d IH]; intros i j a b Hd Hi Hj D (h & Gh & H); [lia|]. destruct (entry_of j b Hj) as (es & Ee & Len & K).
  assert (R := HT j es Ee). unfold row_ok in R. apply andb_prop in R as [R _]. rewrite forallb_forall in R.
  destruct (group_good m gs ls HG Hbij ps HP family HF h Gh) as (pi & iota & G). fold good in G.
  assert (Ia := exact_node a (nth_error_In _ _ Hi)). assert (Ib := exact_node b (nth_error_In _ _ Hj)).
  assert (Im := exact_image ls family h pi iota _ _ G Ia). fold exact in Im.
  destruct (implied (moved iota (fixing_of a)) (fixing_of b)) eqn:I.
  - exfalso. apply D. apply (classes_apart (S (dim a)) i j a b h); [lia|exact Hi|exact Hj|exact Gh|]. intros theta. split; [apply H|]. intros Hb.
    destruct Im as (_ & Si & _). apply Si. destruct Ib as (_ & Sb & _). apply Sb in Hb. intros r B. apply Hb. now apply (implied_ok _ _ I).
  - destruct (implied_false (moved iota (fixing_of a)) (fixing_of b)) as (r & B & B'); [|exact I|].
    { destruct Im as (L1 & _). destruct Ib as (L2 & _). exact (eq_trans L1 (eq_sym L2)). }
    assert (Hr : (r < size)%nat) by (apply (nth_beyond ls _ r (moved_length ls iota (fixing_of a)) B)). specialize (K r Hr).
    destruct (nth r es None) as [[k w]|] eqn:Er; [|congruence]. cbn [fst] in K. destruct K as (_ & c & h1 & f & Nc & Dc & G1 & (_ & Sf & _) & Mf).
    assert (He : In (Some (k, w)) es) by (rewrite <- Er; apply nth_In; lia). specialize (R _ He). cbv beta iota in R. apply andb_prop in R as [R1 R2].
    destruct (Nat.eq_dec i (N.to_nat k)) as [->|Dk]; [now rewrite N2Nat.id|].
    rewrite forallb_forall in R2. apply R2, Hset. rewrite <- (N2Nat.id k). apply (IH i (N.to_nat k) a c); [lia|exact Hi|exact Nc|exact Dk|].
    exists (fun theta theta' => exists mid, h theta mid /\ h1 theta' mid). split.
    { apply (group_product m gs h (fun theta theta' => h1 theta' theta)); [exact Gh|now apply group_inverse]. }
    intros theta' (theta & HA & mid & H1 & H2). assert (F : meet f mid).
    { apply Mf. assert (Him : translate h (in_subspace (it_space a)) mid) by (now exists theta). split.
      - destruct Ib as (_ & Sb & _). apply Sb. now apply H.
      - destruct Im as (_ & Si & _). apply (proj1 (Si mid) Him). exact B. }
    apply Sf in F as (theta'' & HA' & H3). destruct (exact_node c (nth_error_In _ _ Nc)) as (Lc & Sc & _). apply Sc.
    destruct (group_good m gs ls HG Hbij ps HP family HF h1 G1) as (pi1 & iota1 & Q & _ & _ & Iff1).
    intros r' Br. assert (Hr' := nth_beyond ls _ r' Lc Br). apply (Iff1 _ _ H2 r' Hr'). apply (Iff1 _ _ H3 r' Hr'). now apply (proj1 (Sc theta'') HA').
Qed.
End Classes.

(** ** The table is one of sets *)
Definition set_rows (t : table) : Prop := forall j r, get_t t j = Some r -> d_set r = set_of (d_list r).
Lemma add_row_sets t je : set_rows t -> set_rows (add_row t je).
Proof.
  intros H j r. unfold add_row, get_t. destruct (N.eq_dec j (fst je)) as [->|D].
  - rewrite PM.gss. intros [= <-]. reflexivity.
  - rewrite PM.gso by (intros K; apply D; now apply succ_pos_inj). apply H.
Qed.
Lemma class_table_sets m nodes : set_rows (class_table m nodes).
Proof.
  unfold class_table. cbv zeta. assert (G : forall {A} (f : table -> A -> table) l t, (forall t a, set_rows t -> set_rows (f t a)) -> set_rows t ->
    set_rows (fold_left f l t)).
  { intros A f l. induction l as [|a l IH]; cbn [fold_left]; intros t Hf Ht; [exact Ht|]. apply IH; [exact Hf|now apply Hf]. }
  apply G.
  - intros t d Ht. apply G; [|exact Ht]. intros t' ja Ht'. destruct (N.eqb _ d); [now apply add_row_sets|exact Ht'].
  - intros j r. unfold get_t. rewrite PM.gempty. discriminate.
Qed.
Lemma set_rows_ok t : set_rows t -> forall i j, In i (all_below t j) <-> is_below t i j = true.
Proof.
  intros H i j. unfold all_below, is_below. destruct (get_t t j) as [r|] eqn:E; [|split; [intros []|discriminate]]. rewrite (H j r E). symmetry.
    apply set_of_ok.
Qed.

(** ** The theorem *)
Lemma all_spread_length ns images entries : all_spread ns images = Some entries -> length entries = length ns.
Proof.
  revert images entries. induction ns as [|a ns IH]; intros [|i images] entries; cbn [all_spread]; try discriminate; [intros [= <-]; reflexivity|].
  destruct (spread_images _ i); [|discriminate]. destruct (all_spread ns images) as [l|] eqn:E; [|discriminate]. intros [= <-]. cbn. now rewrite (IH _ _ E).
Qed.
Theorem check_orbits_sound m assumptions edges gs nodes images l : check_orbits m assumptions edges gs nodes images l = Some true ->
  claim_holds m assumptions (Lattice [] edges gs nodes true) /\ holds_at_kinks m assumptions (Lattice [] edges gs nodes true).
Proof.
  unfold check_orbits. destruct (read_symmetries m assumptions gs l) as [| |all] eqn:ES; try discriminate. cbv zeta.
  set (ls := map (leaf_moves m) all). set (ps := map (find_perm m ls (keys_of m ls)) ls). set (ns := map (node_item m ls) nodes).
  match goal with |- (if negb ?b then _ else _) = _ -> _ => destruct b eqn:EP; [|discriminate] end. cbn [negb].
    destruct (all_spread ns images) as [entries|] eqn:EI; [|discriminate].
  set (fam := relabelled _ _ _ _). set (t := class_table m (combine ns entries)). intros [= H]. apply andb_prop in H as [[HC HT]%andb_prop HE].
  assert (HG := read_moves m assumptions gs l all ES). fold ls in HG.
  assert (Hbij : forall r mv, nth_error ls r = Some mv -> (forall theta, exists theta', forall q p t, In (q, (p, t)) mv ->
    entry theta' q = sg t * entry theta p) /\
    (forall theta', exists theta, forall q p t, In (q, (p, t)) mv -> entry theta' q = sg t * entry theta p) /\
    (forall q p t, In (q, (p, t)) mv -> (q < dimension m)%N /\ (p < dimension m)%N)).
  { intros r mv Hr. unfold ls in Hr. rewrite nth_error_map in Hr. destruct (nth_error all r) as [tab|] eqn:Et; [|easy]. injection Hr as <-.
    apply nth_error_In in Et.
    destruct (read_ok m assumptions gs l all ES) as (t0 & _ & _ & _ & Ec & _). apply checked_followed, proj1, all_followed_ok in Ec.
    assert (G : exists g' e', check_moving m (parities m assumptions) g' e' = Some tab).
    { clear -Ec Et. induction Ec as [|[g1 e1] t1 qs al Ht Ec IH]; [easy|]. destruct Et as [->|Et]; [eauto|auto]. }
    destruct G as (g' & e' & G). exact (moves_bijective m _ g' e' tab G). }
  assert (HP : Forall2 (fun mv p => check_perm m ls mv p = true) ls ps).
  { unfold ps in *. clear -EP. revert EP. generalize (find_perm m ls (keys_of m ls)) as f. intros f.
    assert (X : forall l', forallb (fun lp => check_perm m ls (fst lp) (snd lp)) (combine l' (map f l')) = true ->
      Forall2 (fun mv p => check_perm m ls mv p = true) l' (map f l'));
      [|apply X].
    induction l' as [|a l' IH]; cbn [map combine forallb]; intros H; constructor; apply andb_prop in H as [H1 H2]; auto. }
  assert (HN : forall a, In a ns -> exists L, a = node_item m ls L).
  { intros a Ha. unfold ns in Ha. apply in_map_iff in Ha as (L & <- & _). eauto. }
  assert (Len := all_spread_length ns images entries EI).
  assert (Row : forall j es, nth_error entries j = Some es -> row_ok t (N.of_nat j) es = true).
  { intros j es Hj. rewrite forallb_forall in HT. apply (HT (N.of_nat j, es)). apply in_numbered. now rewrite Nat2N.id. }
  assert (Sets := set_rows_ok t (class_table_sets m (combine ns entries))).
  assert (Space : map it_space ns = nodes) by (unfold ns; rewrite map_map; cbn [node_item it_space]; now rewrite map_id).
  assert (Nth : forall i, (i < length nodes)%nat -> exists a, nth_error ns i = Some a /\ it_space a = nth i nodes no_subspace).
  { intros i Hi. destruct (nth_error ns i) as [a|] eqn:Ea; [|apply nth_error_None in Ea; unfold ns in Ea; rewrite map_length in Ea; lia]. exists a.
    split; [reflexivity|].
    rewrite <- Space, (nth_indep _ no_subspace (it_space a)) by (rewrite Space; exact Hi). rewrite map_nth. now rewrite (nth_error_nth _ _ _ Ea). }
  assert (Node : forall L, In L nodes -> exists gs', incl gs' gs /\ same (in_subspace L) (all_fix m gs')).
  { intros L HL. assert (Ha : In (node_item m ls L) ns) by now apply in_map. apply (node_known m gs ls HG ps fam ns entries HN HC) in Ha as (_ & S & _).
    eexists. split; [|exact S]. intros g Hg. apply in_select in Hg as (r & _ & Hr). now apply nth_error_In in Hr. }
  destruct (check_edges_ok t (length nodes) (fun i j => exists h, group m gs h /\ forall theta, translate h (in_subspace (nth i nodes no_subspace)) theta ->
    in_subspace (nth j nodes no_subspace) theta) edges) as [Cov _]; [| |exact HE|].
  { intros i j Hi Hj D. destruct (Nth i Hi) as (a & Ea & Sa). destruct (Nth j Hj) as (b & Eb & Sb). rewrite <- Sa, <- Sb. split; [|apply Sets]. split.
    - exact (below_sound m gs ls HG Hbij ps HP fam ns entries HN Len HC t Row Sets (S (dim b)) i j a b (Nat.lt_succ_diag_r _) Ea Eb).
    - exact (below_complete m gs ls HG Hbij ps HP fam ns entries HN Len HC t Row Sets (S (dim b)) i j a b (Nat.lt_succ_diag_r _) Ea Eb D). }
  { intros i j k _ _ _ (h & G & H) (h' & G' & H'). exists (fun theta theta' => exists mid, h theta mid /\ h' mid theta'). split; [now constructor|].
    intros theta' (theta & HA & mid & H1 & H2). apply H'. exists mid. split; [|exact H2]. apply H. now exists theta. }
  split.
  - split; [|split; [|split; [exact Node|split; [|split; [|exact Cov]]]]].
    + intros sigma Ha. destruct (read_invariant m assumptions gs l all ES sigma Ha) as (R1 & R2 & _). split; [exact R1|]. split; [|exact R2].
      intros L HL. rewrite app_nil_r in HL. destruct (Node L HL) as (gs' & Hi & S). exact (R2 gs' L Hi S).
    + intros h g. exact (fixed_permuted m gs ls HG Hbij ps HP fam ns entries Len HC h g).
    + intros gs' Hi. destruct (classes_closed m gs ls HG Hbij ps HP fam ns entries HN Len HC gs' Hi) as (a & h & Ha & G & S).
      unfold ns in Ha. apply in_map_iff in Ha as (L & <- & HL). exists L, h. auto.
    + intros i j L L' h Hi Hj D G Same. apply D.
      assert (Li : nth_error ns i = Some (node_item m ls L)) by (unfold ns; rewrite nth_error_map, Hi; reflexivity).
      assert (Lj : nth_error ns j = Some (node_item m ls L')) by (unfold ns; rewrite nth_error_map, Hj; reflexivity).
      exact (classes_apart m gs ls HG Hbij ps HP fam ns entries HN Len HC (S (dim (node_item m ls L))) i j _ _ h (Nat.lt_succ_diag_r _) Li Lj G Same).
  - intros K sigma Ha Hd. assert (R := proj2 (proj2 (read_invariant m assumptions gs l all ES sigma Ha)) K Hd). split; [|exact R].
    intros L HL. rewrite app_nil_r in HL. destruct (Node L HL) as (gs' & Hi & S). exact (R gs' L Hi S).
Qed.
