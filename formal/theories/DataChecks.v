(** * The checker for data with a symmetry: the data are closed, the local rules hold, the subspace is the fixed space, the predictor is right. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Leaves Parities Nodewise Samples Kinks Matrices Risk DataSymmetry
  DataMatrices DataSlopes.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Images of examples *)
(** the flat entries of an array under actions on its axes *)
Definition acted (shape : list N) (acts : list (option action)) (values : list Q) : list Q :=
  let t := tabulate values in
  match flat_action shape acts with
  | Some own => map (fun pt : N * bool => let q := coordinate t (fst pt) in if snd pt then qopp q else q) own
  | None =>
    let is := nrange (size shape) in
    map (fun i => fold_right (fun j a => qadd (qmul (kronecker_q shape acts i j) (coordinate t j)) a) 0%Q is) is
  end.
Definition input_nodes (m : model) : list (text * (N * list N)) :=
  flat_map (fun kn => match snd kn with NInput s name => [(name, (fst kn, s))] | _ => [] end) (numbered (m_nodes m)).
Definition acted_input (m : model) (g : generator) (p : point) : point :=
  let nodes := input_nodes m in
  map (fun nv => match find (fst nv) nodes with
    | Some (k, s) => (fst nv, acted s (actions_at (g_actions g) (g_nodes g) s k) (snd nv)) | None => nv end) p.
Definition acted_target (m : model) (g : generator) (y : list (list Q)) : list (list Q) :=
  map (fun ov => acted (shape_at m (fst ov)) (actions_at (g_actions g) (g_nodes g) (shape_at m (fst ov)) (fst ov)) (snd ov)) (combine (m_outputs m) y).
Definition acted_example (m : model) (g : generator) (e : example) : example :=
  {| d_input := acted_input m g (d_input e); d_target := acted_target m g (d_target e); d_weight := d_weight e |}.

Definition same_number (a b : Q) : bool := Z.eqb (Qnum a) (Qnum b) && Pos.eqb (Qden a) (Qden b).
Definition same_example (a b : example) : bool :=
  same_list (fun u v => text_eqb (fst u) (fst v) && same_list same_number (snd u) (snd v)) (d_input a) (d_input b)
  && same_list (same_list same_number) (d_target a) (d_target b) && same_number (d_weight a) (d_weight b).
(** lengths as declared *)
Definition sizes_ok (m : model) (e : example) : bool :=
  forallb (fun d => match find (d_name d) (d_input e) with Some v => has_length v (size (d_shape d)) | None => false end) (m_inputs m)
  && forallb (fun ns => existsb (fun d => text_eqb (fst ns) (d_name d)) (m_inputs m)
       && match find (fst ns) (d_input e) with Some v => has_length v (size (snd (snd ns))) | None => false end) (input_nodes m)
  && same_list (fun y o => has_length y (size (shape_at m o))) (d_target e) (m_outputs m).
Definition check_closed (m : model) (g : generator) (data : list example) : bool :=
  let images := map (acted_example m g) data in
  distinct text_eqb (map fst (input_nodes m)) && forallb (sizes_ok m) data && distinct same_example data
  && forallb (fun e => existsb (same_example e) images) data.

(** ** Soundness *)
Lemma same_number_ok a b : same_number a b = true -> a = b.
Proof. destruct a, b. unfold same_number. cbn. intros H. apply andb_prop in H as [H1 H2]. apply Z.eqb_eq in H1. apply Pos.eqb_eq in H2. now subst. Qed.
Lemma same_list_eq {A} (f : A -> A -> bool) : (forall a b, f a b = true -> a = b) -> forall l l', same_list f l l' = true -> l = l'.
Proof.
  intros H. induction l as [|a l IH]; intros [|b l']; cbn [same_list]; intros E; try easy. apply andb_prop in E as [E1 E2]. now rewrite (H _ _ E1), (IH _ E2).
Qed.
Lemma same_example_ok a b : same_example a b = true -> a = b.
Proof.
  destruct a as [i y w], b as [i' y' w']. unfold same_example. cbn [d_input d_target d_weight]. intros H. apply andb_prop in H as [[H1 H2]%andb_prop H3].
  apply same_number_ok in H3 as ->. apply (same_list_eq _ (same_list_eq _ same_number_ok)) in H2 as ->.
  apply same_list_eq in H1 as ->; [reflexivity|]. intros [n v] [n' v'] E. cbn [fst snd] in E. apply andb_prop in E as [E1 E2].
  apply text_eqb_ok in E1 as ->. now apply (same_list_eq _ same_number_ok) in E2 as ->.
Qed.
Lemma distinct_nodup {A} (f : A -> A -> bool) : (forall a, f a a = true) -> forall l, distinct f l = true -> NoDup l.
Proof.
  intros R. induction l as [|a l IH]; cbn [distinct]; intros H; [constructor|]. apply andb_prop in H as [H1 H2]. constructor; [|now apply IH].
  intros Ha. apply negb_true_iff in H1. assert (E : existsb (f a) l = true) by (apply existsb_exists; exists a; split; [exact Ha|apply R]). congruence.
Qed.
Lemma same_list_refl {A} (f : A -> A -> bool) : (forall a, f a a = true) -> forall l, same_list f l l = true.
Proof. intros R. induction l as [|a l IH]; cbn [same_list]; [reflexivity|]. now rewrite R, IH. Qed.
Lemma same_example_refl a : same_example a a = true.
Proof.
  assert (Rn : forall q, same_number q q = true) by (intros q; unfold same_number; now rewrite Z.eqb_refl, Pos.eqb_refl).
  unfold same_example. rewrite Rn, andb_true_r. apply andb_true_intro. split.
  - apply same_list_refl. intros [n v]. cbn [fst snd]. rewrite (proj2 (text_eqb_ok n n) eq_refl). now apply same_list_refl.
  - apply same_list_refl. now apply same_list_refl.
Qed.

Local Open Scope R_scope.
Lemma coordinate_nth l j : coordinate (tabulate l) j = nth (N.to_nat j) l 0%Q.
Proof.
  unfold coordinate. rewrite tabulate_ok. destruct (nth_error l (N.to_nat j)) as [q|] eqn:E; [now rewrite (nth_error_nth _ _ _ E)|].
  apply nth_error_None in E. now rewrite nth_overflow.
Qed.
Lemma nth_map_upto (f : N -> Q) n i : (i < n)%N -> nth (N.to_nat i) (map f (upto n)) 0%Q = f i.
Proof. intros H. apply nth_error_nth. now rewrite nth_error_map, nth_error_upto. Qed.
Lemma acted_length shape acts values : N.of_nat (length (acted shape acts values)) = size shape.
Proof.
  unfold acted. cbv zeta. destruct (flat_action shape acts) as [own|] eqn:E; rewrite map_length; [now apply (flat_action_ok _ _ _ E)|].
  rewrite nrange_ok, upto_length. lia.
Qed.
Lemma acted_ok shape acts values i : (i < size shape)%N ->
  Q2R (nth (N.to_nat i) (acted shape acts values) 0%Q) = rsum (fun j => kronecker shape acts i j * Q2R (nth (N.to_nat j) values 0%Q)) (upto (size shape)).
Proof.
  intros Hlt. unfold acted. cbv zeta. destruct (flat_action shape acts) as [own|] eqn:E.
  - assert (L := proj1 (flat_action_ok _ _ _ E)). destruct (nth_error own (N.to_nat i)) as [[p t]|] eqn:Ei; [|apply nth_error_None in Ei; lia].
    rewrite (flat_action_sum shape acts own i p t (fun j => Q2R (nth (N.to_nat j) values 0%Q)) E Ei).
    erewrite nth_error_nth by (rewrite nth_error_map, Ei; reflexivity). cbn [fst snd]. rewrite coordinate_nth. destruct t; cbn [sg]; rewrite ?qopp_ok; ring.
  - rewrite nrange_ok, nth_map_upto by exact Hlt. induction (upto (size shape)) as [|j l IH]; cbn [fold_right]; [apply Q2R_0|].
    unfold rsum in *. cbn [map fold_right]. now rewrite qadd_ok, qmul_ok, IH, kronecker_q_ok, coordinate_nth.
Qed.
Lemma flat_values_at (p : point) : forall l name i v, (forall d, In d l -> exists w, find (d_name d) p = Some w /\ N.of_nat (length w) = size (d_shape d)) ->
  (exists d, In d l /\ name = d_name d) -> find name p = Some v -> (N.to_nat i < length v)%nat ->
  nth (N.to_nat (offset l name + i)) (flat_values l p) 0%Q = nth (N.to_nat i) v 0%Q.
Proof.
  unfold flat_values. induction l as [|d l IH]; intros name i v Hl Hd Hf Hlt; [now destruct Hd as (d & [] & _)|].
  cbn [offset map concat]. destruct (Hl d (or_introl eq_refl)) as (w & Hw & Lw). destruct (text_eqb name (d_name d)) eqn:E.
  - apply text_eqb_ok in E. subst name. rewrite Hf, N.add_0_l. now rewrite app_nth1.
  - rewrite Hw, app_nth2 by lia. replace (N.to_nat (size (d_shape d) + offset l name + i) - length w)%nat with (N.to_nat (offset l name + i)) by lia.
    apply IH; [intros; apply Hl; now right| |exact Hf|exact Hlt]. destruct Hd as (d' & [->|Hd'] & ->); [|now exists d'].
    rewrite (proj2 (text_eqb_ok _ _) eq_refl) in E. discriminate.
Qed.
Lemma entry_vector l q : entry (vector_of l) q = Q2R (nth (N.to_nat q) l 0%Q).
Proof. unfold entry, vector_of. f_equal. f_equal. destruct q; simpl; lia. Qed.
Lemma find_map {A B} (f : text * A -> B) n (l : list (text * A)) a : find n l = Some a -> find n (map (fun nv => (fst nv, f nv)) l) = Some (f (n, a)).
Proof.
  induction l as [|[k b] l IH]; cbn [find map fst]; [easy|]. destruct (text_eqb n k) eqn:E; [|exact IH]. intros [= ->]. apply text_eqb_ok in E. now subst.
Qed.
Lemma find_nodup {A} n a (l : list (text * A)) : NoDup (map fst l) -> In (n, a) l -> find n l = Some a.
Proof.
  induction l as [|[k b] l IH]; cbn [map find fst]; intros ND Hin; [easy|]. inversion ND as [|? ? N1 N2]; subst. destruct Hin as [[= -> ->]|Hin].
  - now rewrite (proj2 (text_eqb_ok _ _) eq_refl).
  - destruct (text_eqb n k) eqn:E; [|now apply IH]. apply text_eqb_ok in E. subst k. exfalso. apply N1. exact (in_map fst _ _ Hin).
Qed.
Section Closed.
Variable m : model.
Variable g : generator.
Hypothesis Hnames : distinct text_eqb (map fst (input_nodes m)) = true.
Lemma input_node_found k s name : nth_error (m_nodes m) k = Some (NInput s name) -> In (name, (N.of_nat k, s)) (input_nodes m) /\ find name (input_nodes m) = Some (N.of_nat k, s).
Proof.
  intros Hn. assert (H : In (name, (N.of_nat k, s)) (input_nodes m)).
  { unfold input_nodes. apply in_flat_map. exists (N.of_nat k, NInput s name). split; [apply in_numbered; now rewrite Nat2N.id|now left]. }
  split; [exact H|]. apply find_nodup; [|exact H]. apply (distinct_nodup text_eqb); [intros a; now apply text_eqb_ok|exact Hnames].
Qed.
Lemma acted_carried e : sizes_ok m e = true -> sizes_ok m (acted_example m g e) = true -> carried_to m g e (acted_example m g e).
Proof.
  intros He He'. assert (He0 := He). unfold sizes_ok in He, He'. apply andb_prop in He as [[A1 A2]%andb_prop A3]. apply andb_prop in He' as [[B1 B2]%andb_prop B3].
  split; [reflexivity|]. split.
  - intros k s name Hn i Hi. destruct (input_node_found k s name Hn) as [H1 H2].
    rewrite forallb_forall in A1, A2, B1. specialize (A2 _ H1). cbn [fst snd] in A2. apply andb_prop in A2 as [A2 A2'].
    destruct (find name (d_input e)) as [v|] eqn:Ev; [|easy]. apply has_length_ok in A2'.
    assert (Dec : exists d, In d (m_inputs m) /\ name = d_name d) by (apply existsb_exists in A2 as (d & D1 & D2); exists d; split; [exact D1|now apply text_eqb_ok]).
    assert (Sz : forall p : point, (forall d, In d (m_inputs m) -> match find (d_name d) p with Some v => has_length v (size (d_shape d)) | None => false end = true) ->
      forall d, In d (m_inputs m) -> exists w : list Q, find (d_name d) p = Some w /\ N.of_nat (length w) = size (d_shape d)).
    { intros p Hp d Hd. specialize (Hp d Hd). destruct (find (d_name d) p) as [w|]; [|easy]. exists w. split; [reflexivity|now apply has_length_ok]. }
    set (acts := actions_at (g_actions g) (g_nodes g) s (N.of_nat k)).
    assert (Ev' : find name (d_input (acted_example m g e)) = Some (acted s acts v)).
    { cbn [acted_example d_input]. unfold acted_input. cbv zeta.
      rewrite (map_ext _ (fun nv => (fst nv, match find (fst nv) (input_nodes m) with
        | Some (k, s) => acted s (actions_at (g_actions g) (g_nodes g) s k) (snd nv) | None => snd nv end)))
        by (intros [a b]; cbn [fst snd]; destruct (find a (input_nodes m)) as [[k' s']|]; reflexivity).
      rewrite (find_map _ _ _ v Ev). cbn [fst snd]. now rewrite H2. }
    unfold input_vector. rewrite entry_vector. rewrite (flat_values_at _ _ name i (acted s acts v) (Sz _ B1) Dec Ev').
    2:{ assert (L := acted_length s acts v). lia. }
    rewrite acted_ok by exact Hi. apply rsum_ext. intros j Hj. apply in_upto in Hj. rewrite entry_vector.
    rewrite (flat_values_at _ _ name j v (Sz _ A1) Dec Ev); [reflexivity|]. lia.
  - intros k n Hn i Hi. unfold target. cbn [acted_example d_target]. unfold acted_target, at_.
    assert (L : length (d_target e) = length (m_outputs m)).
    { clear -A3. revert A3. generalize (m_outputs m) as os. induction (d_target e) as [|y l IH]; intros [|o os]; cbn [same_list length]; try easy.
      intros H. apply andb_prop in H as [_ H]. now rewrite (IH _ H). }
    assert (Hy : exists y, nth_error (d_target e) (N.to_nat k) = Some y).
    { destruct (nth_error (d_target e) (N.to_nat k)) as [y|] eqn:E; [now exists y|]. apply nth_error_None in E.
      assert (N.to_nat k < length (m_outputs m))%nat by (apply nth_error_Some; congruence). lia. }
    destruct Hy as [y Hy].
    assert (Hc : nth_error (combine (m_outputs m) (d_target e)) (N.to_nat k) = Some (n, y)).
    { clear -Hn Hy. revert Hn Hy. generalize (m_outputs m) as os, (d_target e) as ys, (N.to_nat k) as q. induction os as [|o os IH]; intros [|y0 ys] [|q]; cbn; try easy.
      - now intros [= ->] [= ->].
      - apply IH. }
    erewrite (nth_error_nth (map _ _)) by (rewrite nth_error_map, Hc; reflexivity). cbn [fst snd]. rewrite acted_ok by exact Hi.
    apply rsum_ext. intros j _. now rewrite (nth_error_nth _ _ _ Hy).
Qed.
End Closed.
Theorem check_closed_sound m g data : check_closed m g data = true -> carried m g data.
Proof.
  unfold check_closed. cbv zeta. intros H. apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop H4].
  exists (map (acted_example m g) data).
  assert (P : Permutation data (map (acted_example m g) data)).
  { apply NoDup_Permutation_bis; [apply (distinct_nodup same_example); [apply same_example_refl|exact H3]|rewrite map_length; lia|].
    intros e He. rewrite forallb_forall in H4. specialize (H4 e He). apply existsb_exists in H4 as (e' & He' & E). apply same_example_ok in E. now subst. }
  split; [exact P|]. rewrite forallb_forall in H2.
  assert (G : forall l, incl l data -> Forall2 (carried_to m g) l (map (acted_example m g) l)).
  { induction l as [|e l IH]; intros Hl; cbn [map]; constructor; [|apply IH; intros a Ha; apply Hl; now right].
    apply acted_carried; [exact H1|apply H2, Hl; now left|]. apply H2. eapply Permutation_in; [symmetry; exact P|]. apply in_map, Hl. now left. }
  apply G. apply incl_refl.
Qed.

(** ** The checker; [None]: unsupported *)
Definition with_nodes (ge : generator * node_actions) : generator * node_actions := (fst ge, g_nodes (fst ge) ++ snd ge).
Definition opaque_definition (d : definition) : bool := match d with Polynomial _ => false | _ => true end.
(** a predictor that is not shown to be right may be so by rules that are not known here for functions taken themselves *)
Definition predictor_checked (m : model) (assumptions : list (text * assumption)) (predictor : list prediction) (L : subspace) : option bool :=
  if check_predictor m assumptions L predictor then Some true
  else if taken_itself m assumptions opaque_definition then None else Some false.
Definition data_nodewise (m : model) (assumptions : list (text * assumption)) (data : list example) (gs : list (generator * node_actions)) (predictor : list prediction)
    (L : subspace) : option bool :=
  match all_moving m (parities m assumptions) (map with_nodes gs) with
  | Some all =>
    if negb (check_fixed m all L) then Some false
    else if kinks m assumptions && (taken_itself m assumptions partial_definition || negb (check_data_slopes m assumptions data all L)) then None
    else predictor_checked m assumptions predictor L
  | None => Some false
  end.
Definition data_matrices (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (predictor : list prediction) (L : subspace) : option bool :=
  let known := parities m assumptions in
  if negb (forallb (fun ge => let '(g, e) := with_nodes ge in
       if with_matrix g then matrix_moves m assumptions g e else match moving m known g e with Some _ => true | None => false end) gs
     && check_fixed_matrix m (map fst gs) L) then Some false
  else if kinks m assumptions || negb (forallb (fun ge => negb (with_matrix (fst ge)) || check_moving_matrix m assumptions (fst ge)) gs) then None
  else predictor_checked m assumptions predictor L.
Definition check_data (m : model) (assumptions : list (text * assumption)) (data : list example) (gs : list (generator * node_actions)) (predictor : list prediction)
    (L : subspace) : option bool :=
  if negb (indices_ok m && match equivariant m (parities m assumptions) no_generator [] with Some _ => true | None => false end && outputs_exist m
    && forallb (fun ge => inner_only m (snd ge) && check_closed m (fst ge) data) gs) then Some false
  else if existsb (fun ge => with_matrix (fst ge)) gs then data_matrices m assumptions gs predictor L
  else data_nodewise m assumptions data gs predictor L.

Lemma predictor_checked_ok m assumptions predictor L : predictor_checked m assumptions predictor L = Some true -> check_predictor m assumptions L predictor = true.
Proof. unfold predictor_checked. destruct (check_predictor _ _ _ _); [reflexivity|]. destruct (taken_itself _ _ _); discriminate. Qed.
Theorem check_data_sound m assumptions data gs predictor L : check_data m assumptions data gs predictor L = Some true ->
  let c := DataInvariant data (map fst gs) predictor L in claim_holds m assumptions c /\ holds_at_kinks m assumptions c.
Proof.
  unfold check_data. destruct (negb _) eqn:E; [easy|]. apply negb_false_iff in E. apply andb_prop in E as [[[Hi H0]%andb_prop Hout]%andb_prop Hg].
  rewrite forallb_forall in Hg.
  assert (Hin : forall g e, In (g, e) gs -> inner_only m e = true) by (intros g e H; specialize (Hg _ H); cbn [fst snd] in Hg; now apply andb_prop in Hg).
  assert (Hcar : forall g, In g (map fst gs) -> carried m g data).
  { intros g H. apply in_map_iff in H as (ge & <- & H). specialize (Hg _ H). apply andb_prop in Hg as [_ Hg]. now apply check_closed_sound. }
  destruct (equivariant m _ no_generator []) as [t0|] eqn:E0; [|easy]. apply (equivariant_ok _ _ _ _ Hi) in E0.
  assert (Claim : fixed_space_is m (map fst gs) L -> (forall sigma, admissible m assumptions sigma -> forall g, In g (map fst gs) -> equivariance_for m g sigma) ->
    check_predictor m assumptions L predictor = true -> claim_holds m assumptions (DataInvariant data (map fst gs) predictor L)).
  { intros HF Heq Hp. split; [exact HF|]. split; [intros g H; now apply carried_closed, Hcar|]. intros sigma Ha. split; [now apply Heq|]. split.
    - exact (data_gradient m _ t0 E0 Hi data (map fst gs) Hcar sigma (Heq sigma Ha) L HF).
    - now apply (check_predictor_sound m assumptions L predictor). }
  destruct (existsb _ gs); intros H.
  - unfold data_matrices in H. destruct (negb _) eqn:E1 in H; [easy|]. apply negb_false_iff in E1. apply andb_prop in E1 as [M1 M2].
    destruct (kinks m assumptions) eqn:Ek; [easy|]. cbn [orb] in H. destruct (negb _) eqn:E2 in H; [easy|]. apply negb_false_iff in E2.
    apply predictor_checked_ok in H. rewrite forallb_forall in M1, E2. split; [|intros K; congruence].
    apply Claim; [now apply check_fixed_matrix_sound| |exact H]. intros sigma Ha g Hgs. apply in_map_iff in Hgs as ([g' e] & <- & Hge). cbn [fst].
    specialize (M1 _ Hge). specialize (E2 _ Hge). cbn [with_nodes fst snd] in M1, E2. destruct (with_matrix g'); [now apply check_moving_matrix_sound with (assumptions := assumptions)|].
    destruct (moving m _ g' _) as [t|] eqn:Em; [|easy]. apply (moving_ok _ _ _ _ Hi) in Em.
    exact (moving_equivariance m _ g' e (Hin _ _ Hge) Hout t Em sigma (parities_ok m assumptions sigma Ha)).
  - unfold data_nodewise in H. destruct (all_moving m _ _) as [all|] eqn:Ea; [|easy]. apply (all_moving_ok _ _ Hi) in Ea.
    destruct (check_fixed m all L) eqn:Ef; [|easy]. cbn [negb] in H.
    assert (HF : fixed_space_is m (map fst gs) L).
    { replace (map fst gs) with (map fst (map with_nodes gs)) by (rewrite map_map; reflexivity). exact (followed_fixed m _ _ all L Ea Ef). }
    destruct (kinks m assumptions && _) eqn:Ek; [easy|]. apply predictor_checked_ok in H. split.
    + apply Claim; [exact HF| |exact H]. intros sigma Ha g Hgs. destruct (each_moving m assumptions gs all Hin Ea g Hgs) as (e & t & He & _ & Ht).
      exact (moving_equivariance m _ g e He Hout t Ht sigma (parities_ok m assumptions sigma Ha)).
    + intros Hk sigma Ha Hd. rewrite Hk in Ek. cbn [andb] in Ek. apply orb_false_elim in Ek as [_ Ek]. apply negb_false_iff in Ek.
      exact (check_data_slopes_sound m assumptions data gs all Hi Hin Hout Ea Hcar L HF Ek sigma Ha Hd).
Qed.
